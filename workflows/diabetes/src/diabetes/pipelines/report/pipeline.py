"""The `report` pipeline: compares the metrics of three trainings."""

from kedro.pipeline import Pipeline, node

from diabetes.pipelines.report.nodes import compare_models, pick_best, write_report


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    return Pipeline(
        [
            node(
                compare_models,
                ["metrics_ridge", "metrics_forest", "metrics_boosting"],
                "comparison",
                name="compare_models",
            ),
            node(pick_best, "comparison", "best_model", name="pick_best"),
            node(write_report, ["comparison", "best_model", "split_summary"], "model_report", name="write_report"),
        ]
    )
