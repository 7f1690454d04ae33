"""Tariffwatch: from feed bytes to a Slack alert, one noun a file (see docs/architecture.md)."""

__version__ = "0.6.0"
