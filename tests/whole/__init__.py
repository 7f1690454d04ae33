"""Tests with real models and real processes, seconds each; `make test-fast` leaves the folder out."""
