package orders

// The statements of store.go. A page is read together with its items in one statement, so that both are of one moment.
const (
	orderColumns = `id, customer_id, total_cents, status, version, created_at, updated_at`
	itemColumns  = `sku, quantity, unit_price_cents`

	insertOrder  = `INSERT INTO orders (` + orderColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?)`
	insertItem   = `INSERT INTO order_items (order_id, position, ` + itemColumns + `) VALUES (?, ?, ?, ?, ?)`
	updateStatus = `UPDATE orders SET status = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`

	selectOne            = selectOrders + `id = ?` + withItems
	selectPage           = selectOrders + newestAfter + withItems
	selectPageOfCustomer = selectOrders + `customer_id = ? AND ` + newestAfter + withItems

	selectOrders = `SELECT ` + orderColumns + `, ` + itemColumns + ` FROM (SELECT ` + orderColumns + ` FROM orders WHERE `
	newestAfter  = `(created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`
	withItems    = `) JOIN order_items ON order_id = id ORDER BY created_at DESC, id DESC, position`
)
