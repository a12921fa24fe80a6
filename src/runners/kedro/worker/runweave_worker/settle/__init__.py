"""Settles a run: which data each of its datasets means."""
