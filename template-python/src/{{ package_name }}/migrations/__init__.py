"""The history of the database's schema; `make migrate` applies what is missing."""
