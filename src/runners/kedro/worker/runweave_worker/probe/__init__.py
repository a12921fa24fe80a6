"""What planning learns of a project without running it."""
