"""Trivium: from answers about a workload to a service in the language that fits it."""

__version__ = "0.1.0"
