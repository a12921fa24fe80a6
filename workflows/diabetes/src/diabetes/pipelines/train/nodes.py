"""Nodes of the `train` pipeline: one model, fitted, tested and scored."""

from typing import Any

import pandas as pd
from sklearn.base import RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "target"
ESTIMATORS = {"ridge": Ridge, "forest": RandomForestRegressor, "boosting": GradientBoostingRegressor}


def build_estimator(model: str, models: dict[str, dict[str, Any]]) -> RegressorMixin:
    """Make the estimator that the parameters name, not yet fitted."""
    if model not in ESTIMATORS:
        raise ValueError(f"There is no model '{model}'; there are {', '.join(sorted(ESTIMATORS))}.")
    return make_pipeline(StandardScaler(), ESTIMATORS[model](**models[model]))


def fit_regressor(estimator: RegressorMixin, train_set: pd.DataFrame) -> RegressorMixin:
    """Fit the estimator to the train set."""
    return estimator.fit(train_set.drop(columns=TARGET), train_set[TARGET])


def predict_progression(regressor: RegressorMixin, test_set: pd.DataFrame) -> pd.DataFrame:
    """Predict the patients that were set aside, next to what was measured a year later."""
    predicted = regressor.predict(test_set.drop(columns=TARGET)).round(3)
    return pd.DataFrame({"measured": test_set[TARGET], "predicted": predicted})


def rank_features(regressor: RegressorMixin, test_set: pd.DataFrame, evaluation: dict[str, Any]) -> dict[str, float]:
    """Order the features by how much worse the model is with each of them shuffled."""
    found = permutation_importance(
        regressor,
        test_set.drop(columns=TARGET),
        test_set[TARGET],
        n_repeats=evaluation["shuffles"],
        random_state=evaluation["random_state"],
    )
    importance = zip(test_set.columns.drop(TARGET), found.importances_mean, strict=True)
    return {name: round(float(loss), 4) for name, loss in sorted(importance, key=lambda item: -item[1])}


def score_model(
    model: str,
    estimator: RegressorMixin,
    train_set: pd.DataFrame,
    predictions: pd.DataFrame,
    evaluation: dict[str, Any],
) -> dict[str, Any]:
    """Measure the model on the test set, and how steady it is across folds of the train set."""
    folds = cross_val_score(
        estimator, train_set.drop(columns=TARGET), train_set[TARGET], cv=evaluation["folds"], scoring="r2"
    )
    measured, predicted = predictions["measured"], predictions["predicted"]
    return {
        "model": model,
        "r2": round(r2_score(measured, predicted), 4),
        "mae": round(mean_absolute_error(measured, predicted), 3),
        "rmse": round(root_mean_squared_error(measured, predicted), 3),
        "cv_r2_mean": round(float(folds.mean()), 4),
        "cv_r2_std": round(float(folds.std()), 4),
        "rows": len(predictions),
    }
