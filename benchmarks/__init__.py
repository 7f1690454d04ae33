"""Benchmarks: compared with the naive way in the same run, since machines differ. Never part of the tests."""
