"""Facts that planning learns of a project without running it."""
