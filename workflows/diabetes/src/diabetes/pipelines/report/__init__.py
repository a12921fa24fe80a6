"""The `report` pipeline."""

from diabetes.pipelines.report.pipeline import create_pipeline

__all__ = ["create_pipeline"]
