"""Stores: plugs for the Store port, where everything the program remembers is kept."""
