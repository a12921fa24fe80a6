"""Data on remote storage: reached as the catalog entry reaches it."""
