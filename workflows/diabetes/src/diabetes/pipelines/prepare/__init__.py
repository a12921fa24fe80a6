"""The `prepare` pipeline."""

from diabetes.pipelines.prepare.pipeline import create_pipeline

__all__ = ["create_pipeline"]
