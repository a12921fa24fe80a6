"""Data on disk: where catalog entries keep it, what it holds, and hashes of it."""
