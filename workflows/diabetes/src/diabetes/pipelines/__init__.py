"""The pipelines: prepare the patients, train a model, compare models."""
