"""Tells what is a secret, and hides it wherever it turns up."""
