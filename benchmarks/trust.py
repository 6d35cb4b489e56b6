"""How well alignment predicts the measured tasks of the records that ship with the code.

Run: `python -m benchmarks.trust`. What the Trust page shows, for every task, alignment view and
layer pooling: Pearson and Spearman across languages with 95 % intervals, how far estimates were
off, and of how many languages an interval made without them held the measurement; then every
embedding method and score over the same cells, beside the weighted mean's correlation.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from leaderboard import answers
from leaderboard.asked import AgreementAsked, TrustAsked
from results import snapshot
from results.corpora import cards
from results.repo import SHIPPED, Repo
from results.settings import settings
from results.snapshot import Snapshots


def main(root: Path = SHIPPED) -> None:
    """Print it for a results repo."""
    repo = Repo(root)
    with TemporaryDirectory() as folder:
        shot = Snapshots(repo, Path(folder)).load(snapshot.key(repo))
        of = {"repo": repo, "snapshot": shot, "cards": cards(root), "settings": settings()}
        board: Any = SimpleNamespace(**of)
        for task in answers.trust(board, TrustAsked())["tasks"]:
            said(answers.trust(board, TrustAsked(task=task["key"])))
            compared(answers.agreement(board, AgreementAsked(task=task["key"])))


def said(found: dict[str, Any]) -> None:
    """One task."""
    print(f"\n{found['task']['label']}; the paper's mean Pearson: {found['paper']:.2f}")
    for method in found["methods"]:
        print(f"  {method['view']['label']}, {method['pooling']} over layers")
        for model in method["models"]:
            print(f"    {model['name']}: {_correlations(model)}; {model['verdict']}")
            for form, errors in model["forms"].items():
                if errors:
                    print(
                        f"      estimates, {form}: off by {errors['mae']:.3f} "
                        f"({errors['bias']:+.3f} on average; a constant guess "
                        f"{model['constant']:.3f})"
                    )
                if errors and errors["held"] is not None:
                    print(
                        f"        intervals {errors['width']:.2f} wide on average; made without "
                        f"the language {errors['held']} of {errors['of']} hold its measurement "
                        f"({errors['held'] / errors['of']:.1%}), without its family "
                        f"{errors['held_family']} ({errors['held_family'] / errors['of']:.1%})"
                    )
        if method["pooled"]:
            print(f"    all models together: {_correlations(method['pooled'])}")
    best = found["best"]
    if best:
        line = f"  predicts best: {best['view']['label']}, {best['pooling']}"
        if best["gap"]:
            line += f"; ahead of the next by {_interval(best['gap'])} (mean Pearson)"
        print(line)
    for point in (p for p in found["points"] if p["outlier"]):
        print(
            f"    off the line: {point['name']} in {point['model_name']}: alignment "
            f"{point['alignment']:.2f}, accuracy {point['accuracy']:.2f}"
        )


def compared(found: dict[str, Any]) -> None:
    """Every embedding method and score over the cells that all of them have."""
    names = ", ".join(model["name"] for model in found["models"]) or "no model"
    print(f"  which method agrees best, {len(found['languages'])} shared languages of {names}:")
    for method in found["methods"]:
        gap = method["difference"]
        line = f"    {method['mean_pearson']:.3f} {method['view']['label']}"
        if gap:
            line += f": {gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"
        print(line)


def _correlations(row: dict[str, Any]) -> str:
    if row["pearson"] is None:
        return f"n = {row['n']}: no correlation"
    return (
        f"n = {row['n']}, Pearson {_interval(row['pearson'])}, "
        f"Spearman {_interval(row['spearman'])}"
    )


def _interval(value: dict[str, float]) -> str:
    if value["low"] is None:
        return f"{value['value']:.2f}"
    return f"{value['value']:.2f} ({value['low']:.2f} to {value['high']:.2f})"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
