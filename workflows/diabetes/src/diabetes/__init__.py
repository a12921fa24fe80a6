"""Predicts how far diabetes has progressed one year after a first examination."""

__version__ = "0.1.0"
