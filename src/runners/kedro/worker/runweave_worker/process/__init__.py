"""What there is to say of a process, and what is done to it: packages, memory, groups, streams, its end."""
