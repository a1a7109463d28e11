"""A small service that passes every check, on the standard library alone; each fault breaks one thing of it."""
