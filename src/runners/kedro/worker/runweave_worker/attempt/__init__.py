"""One attempt, in a process of its own: claim, run, manifest."""
