"""Quotes: what suppliers ask for a product."""

from .routes import routes as routes
