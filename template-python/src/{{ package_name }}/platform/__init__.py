"""What every service needs around its domain. Imports nothing of the domain; see `[tool.importlinter]`."""
