"""The public routes."""

ORDERS, ORDER, QUOTES, SIMULATIONS = "/orders", "/orders/{id}", "/quotes", "/simulations"
CURRENCIES, CONTRACT = "/currencies", "/openapi.json"
ALL = {ORDERS, QUOTES, SIMULATIONS, CURRENCIES, CONTRACT}


def template(path: str) -> str:
    """Return the route that a path belongs to, nothing for none."""
    if path in ALL:
        return path
    begin, _, key = path.rpartition("/")
    return ORDER if begin == ORDERS and key else ""
