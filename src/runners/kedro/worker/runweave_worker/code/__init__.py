"""The project's own code as digests: what can change a result besides its data."""
