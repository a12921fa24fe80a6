"""Writes a fitted ridge model as JSON, so that a program without scikit-learn can score a patient.

Usage: python tools/export_scorecard.py REGRESSOR.pickle SCORECARD.json
"""

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline


def build_scorecard(regressor: Pipeline) -> dict[str, Any]:
    """Fold the scaler into the coefficients: the score is intercept + sum(coefficient * measurement)."""
    scaler, ridge = regressor[0], regressor[-1]
    weights = ridge.coef_ / scaler.scale_
    return {
        "intercept": round(float(ridge.intercept_ - (weights * scaler.mean_).sum()), 10),
        "coefficients": {
            name: round(float(weight), 10) for name, weight in zip(regressor.feature_names_in_, weights, strict=True)
        },
    }


def main(regressor_path: str, scorecard_path: str) -> None:
    """Read the model, write the scorecard, and tell runweave how large it is."""
    with Path(regressor_path).open("rb") as file:
        scorecard = build_scorecard(pickle.load(file))
    Path(scorecard_path).write_text(json.dumps(scorecard, indent=2) + "\n", encoding="utf-8")
    if metrics_path := os.environ.get("RUNWEAVE_METRICS"):
        metrics = {"coefficients": len(scorecard["coefficients"])}
        Path(metrics_path).write_text(json.dumps(metrics), encoding="utf-8")
    print(f"{len(scorecard['coefficients'])} coefficients written to {scorecard_path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
