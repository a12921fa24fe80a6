"""The `prepare` pipeline: patients in, a train and a test set out."""

from kedro.pipeline import Pipeline, node

from diabetes.pipelines.prepare.nodes import (
    add_features,
    clean_patients,
    extract_patients,
    split_patients,
    summarise_split,
)


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    return Pipeline(
        [
            node(extract_patients, None, "raw_patients", name="extract_patients"),
            node(clean_patients, ["raw_patients", "params:cleaning"], "patients", name="clean_patients"),
            node(add_features, "patients", "features", name="add_features"),
            node(
                split_patients,
                ["features", "params:split"],
                ["train_set", "test_set"],
                name="split_patients",
            ),
            node(summarise_split, ["train_set", "test_set"], "split_summary", name="summarise_split"),
        ]
    )
