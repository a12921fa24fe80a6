"""Attempts that go on where earlier ones were cut off."""
