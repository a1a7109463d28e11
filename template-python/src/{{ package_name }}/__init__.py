"""The service: `platform` runs it, `orders` and `simulations` are what it is for, `service` puts them together."""
