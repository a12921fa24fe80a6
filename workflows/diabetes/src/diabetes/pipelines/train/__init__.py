"""The `train` pipeline."""

from diabetes.pipelines.train.pipeline import create_pipeline

__all__ = ["create_pipeline"]
