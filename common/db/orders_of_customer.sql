-- Expand: a customer's orders come from the index in the order they are listed in. Releases that know only
-- version 2 go on working, so oldest_version stays. Contract: the release after this one drops orders_of_customer,
-- and sets oldest_version to 3, once no replica of version 2 runs any more.
CREATE INDEX orders_of_customer_newest ON orders (customer_id, created_at DESC, id DESC);
