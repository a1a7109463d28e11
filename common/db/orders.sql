{#- Times are text, RFC 3339 in UTC of one width: they sort as they read, in both databases. -#}
{%- set text = 'TEXT COLLATE "C"' if database == 'postgres' else 'TEXT' -%}
CREATE TABLE orders (
    id {{ text }} PRIMARY KEY,
    customer_id TEXT NOT NULL,
    total_cents BIGINT NOT NULL CHECK (total_cents >= 0),
    status TEXT NOT NULL CHECK (status IN ('new', 'confirmed', 'cancelled')),
    version INTEGER NOT NULL DEFAULT 1,
    created_at {{ text }} NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
CREATE INDEX orders_of_customer ON orders (customer_id);
CREATE TABLE order_items (
    order_id {{ text }} NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    unit_price_cents BIGINT NOT NULL CHECK (unit_price_cents BETWEEN 0 AND 10000000),
    PRIMARY KEY (order_id, position)
);
