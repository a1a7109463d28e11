CREATE TABLE schema_compatibility (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    oldest_version INTEGER NOT NULL
);
INSERT INTO schema_compatibility (singleton, oldest_version) VALUES (1, 1);
CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (scope, idempotency_key)
);
CREATE INDEX idempotency_keys_oldest ON idempotency_keys (created_ms);
CREATE TABLE outbox (
    id {{ 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY' if database == 'postgres' else 'INTEGER PRIMARY KEY AUTOINCREMENT' }},
    event_id TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    destination TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    next_attempt_ms BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_ms, id);
CREATE INDEX outbox_order ON outbox (aggregate, destination, id);
