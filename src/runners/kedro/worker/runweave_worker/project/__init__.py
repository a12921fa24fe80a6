"""A Kedro project: loaded once, its configuration, and the slices of its pipelines."""
