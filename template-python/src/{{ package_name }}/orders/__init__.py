"""Orders of customers."""

from .routes import routes as routes
from .store import OrderStore as OrderStore
