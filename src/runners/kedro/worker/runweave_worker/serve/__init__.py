"""Programs that serve attempts: the zygote, and what a worker answers itself."""
