"""Notes what an answer of the project was read from, so that a later look tells whether it still holds."""
