"""The random generators of a run: as they would be in a process of its own."""
