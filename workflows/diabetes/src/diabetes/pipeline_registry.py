"""The pipelines of the project, by name."""

from kedro.pipeline import Pipeline, pipeline

from diabetes.pipelines import prepare, report, train

MODELS = ("ridge", "forest", "boosting")


def register_pipelines() -> dict[str, Pipeline]:
    """Name the pipelines; the default one prepares, trains every model and compares them."""
    prepare_pipeline = prepare.create_pipeline()
    train_pipeline = train.create_pipeline()
    report_pipeline = report.create_pipeline()
    every_model = sum((_train_as(train_pipeline, model) for model in MODELS), Pipeline([]))
    return {
        "prepare": prepare_pipeline,
        "train": train_pipeline,
        "report": report_pipeline,
        "__default__": prepare_pipeline + every_model + report_pipeline,
    }


def _train_as(train_pipeline: Pipeline, model: str) -> Pipeline:
    """Copy the training under a namespace: what one `kedro run` needs to train more than one model."""
    return pipeline(
        train_pipeline,
        namespace=model,
        inputs={"train_set", "test_set"},
        outputs={"metrics": f"metrics_{model}"},
        parameters={"params:models", "params:evaluation"},
    )
