"""Repeats of a run: how the same chip is run again, on samples of its own."""
