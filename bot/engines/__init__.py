"""Engines: what makes the steps happen — once through, or on a schedule until told to stop."""
