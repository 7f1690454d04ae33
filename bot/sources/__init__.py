"""Sources: how feeds and pages reach the program — fetched over HTTP or from files, then read into plain entries."""
