"""Nodes of the `prepare` pipeline: from scikit-learn's table of patients to a train and a test set."""

from typing import Any

import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

COLUMN_NAMES = {
    "bp": "blood_pressure",
    "s1": "total_cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_ratio",
    "s5": "log_triglycerides",
    "s6": "glucose",
}


def extract_patients() -> pd.DataFrame:
    """Read the 442 patients of Efron et al. (2004), in the units in which they were measured."""
    return load_diabetes(as_frame=True, scaled=False).frame


def clean_patients(raw_patients: pd.DataFrame, cleaning: dict[str, Any]) -> pd.DataFrame:
    """Give the columns their names, and drop what no examination measures."""
    patients = raw_patients.rename(columns=COLUMN_NAMES).drop_duplicates()
    plausible = patients["bmi"].between(*cleaning["bmi_range"])
    return patients[plausible].reset_index(drop=True)


def add_features(patients: pd.DataFrame) -> pd.DataFrame:
    """Add the ratios that physicians look at."""
    return patients.assign(
        ldl_hdl_ratio=patients["ldl"] / patients["hdl"],
        bmi_times_pressure=patients["bmi"] * patients["blood_pressure"],
    )


def split_patients(features: pd.DataFrame, split: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set patients aside for the test."""
    train_set, test_set = train_test_split(features, test_size=split["test_share"], random_state=split["random_state"])
    return train_set.reset_index(drop=True), test_set.reset_index(drop=True)


def summarise_split(train_set: pd.DataFrame, test_set: pd.DataFrame) -> dict[str, Any]:
    """Count what either set holds, for the report."""
    return {
        "train_rows": len(train_set),
        "test_rows": len(test_set),
        "columns": [column for column in train_set.columns if column != "target"],
        "mean_target": {
            "train": round(float(train_set["target"].mean()), 2),
            "test": round(float(test_set["target"].mean()), 2),
        },
    }
