"""Web: what is asked of a running daemon over HTTP."""
