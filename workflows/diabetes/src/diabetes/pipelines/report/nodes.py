"""Nodes of the `report` pipeline: compares what several trainings measured."""

from typing import Any

import pandas as pd

COLUMNS = ["model", "r2", "mae", "rmse", "cv_r2_mean", "cv_r2_std", "rows"]


def compare_models(*metrics: dict[str, Any]) -> pd.DataFrame:
    """Put the metrics of every model into one table, best first."""
    table = pd.DataFrame(metrics, columns=COLUMNS)
    return table.sort_values(["rmse", "model"], ignore_index=True)


def pick_best(comparison: pd.DataFrame) -> dict[str, Any]:
    """Name the best model, and by how much it beats the next one."""
    first, second = comparison.iloc[0], comparison.iloc[1]
    return {
        "model": str(first["model"]),
        "rmse": float(first["rmse"]),
        "lead_over_next": round(float(second["rmse"] - first["rmse"]), 3),
    }


def write_report(comparison: pd.DataFrame, best_model: dict[str, Any], split_summary: dict[str, Any]) -> str:
    """Write the comparison as Markdown."""
    head = "| " + " | ".join(comparison.columns) + " |"
    rule = "|" + " --- |" * len(comparison.columns)
    rows = ["| " + " | ".join(str(value) for value in row) + " |" for row in comparison.itertuples(index=False)]
    lines = [
        "# Progression of diabetes: which model predicts it best?",
        "",
        f"Trained on {split_summary['train_rows']} patients, tested on {split_summary['test_rows']}.",
        "",
        head,
        rule,
        *rows,
        "",
        f"**{best_model['model']}** is best, {best_model['lead_over_next']} ahead of the next in RMSE.",
        "",
    ]
    return "\n".join(lines)
