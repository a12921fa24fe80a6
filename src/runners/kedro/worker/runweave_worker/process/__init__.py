"""Facts about a process, and what is done to it: packages, memory, groups, streams, its end."""
