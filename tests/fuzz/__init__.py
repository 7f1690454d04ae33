"""Fuzzing of the borders where foreign bytes come in, and where they go out to Slack: `make fuzz MINUTES=30`."""
