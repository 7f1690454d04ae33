"""Faults, each by its number: `pytest -m fault` runs them all, and a test's mark says which it holds."""
