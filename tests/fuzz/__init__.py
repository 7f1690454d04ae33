"""Fuzzing of the borders where foreign bytes come in: `make fuzz MINUTES=30`."""
