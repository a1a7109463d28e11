"""Simulations: CPU-bound work. Processes of the CPU pool import this package, so it imports nothing itself."""
