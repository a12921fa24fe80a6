"""The `train` pipeline: fits the model that `params:model` names. Its `metrics` are in no catalog."""

from kedro.pipeline import Pipeline, node

from diabetes.pipelines.train.nodes import (
    build_estimator,
    fit_regressor,
    predict_progression,
    rank_features,
    score_model,
)


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    return Pipeline(
        [
            node(build_estimator, ["params:model", "params:models"], "estimator", name="build_estimator"),
            node(fit_regressor, ["estimator", "train_set"], "regressor", name="fit_regressor"),
            node(predict_progression, ["regressor", "test_set"], "predictions", name="predict_progression"),
            node(
                rank_features,
                ["regressor", "test_set", "params:evaluation"],
                "feature_importance",
                name="rank_features",
            ),
            node(
                score_model,
                ["params:model", "estimator", "train_set", "predictions", "params:evaluation"],
                "metrics",
                name="score_model",
            ),
        ]
    )
