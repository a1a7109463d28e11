package orders

// The statements of store.go. A page is read together with its items in one statement, so that both are of one moment.
const (
	orderColumns = `id, customer_id, total_cents, status, version, created_at, updated_at`
	itemColumns  = `sku, quantity, unit_price_cents`

	insertOrder  = `INSERT INTO orders (` + orderColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	insertItem   = `INSERT INTO order_items (order_id, position, ` + itemColumns + `) VALUES ($1, $2, $3, $4, $5)`
	updateStatus = `UPDATE orders SET status = $1, version = $2, updated_at = $3 WHERE id = $4 AND version = $5`

	selectOne            = selectOrders + `id = $1` + withItems
	selectPage           = selectOrders + `(created_at, id) < ($1, $2)` + newestFirst + ` LIMIT $3` + withItems
	selectPageOfCustomer = selectOrders + `customer_id = $1 AND (created_at, id) < ($2, $3)` + newestFirst + ` LIMIT $4` +
		withItems

	selectOrders = `SELECT ` + orderColumns + `, ` + itemColumns + ` FROM (SELECT ` + orderColumns + ` FROM orders WHERE `
	newestFirst  = ` ORDER BY created_at DESC, id DESC`
	withItems    = `) AS found JOIN order_items ON order_id = id` + newestFirst + `, position`
)
