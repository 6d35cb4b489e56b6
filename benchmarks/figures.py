"""`python -m benchmarks.figures`: ten languages of the shipped records, as a Markdown table."""

from __future__ import annotations

import tempfile
from pathlib import Path

from results import snapshot
from results.languages import resolve
from results.repo import SHIPPED, Repo
from results.snapshot import Snapshots

LANGUAGES = (
    *("spa_Latn", "fra_Latn", "cmn_Hans", "arb_Arab", "hin_Deva"),
    *("tur_Latn", "tam_Taml", "swh_Latn", "amh_Ethi", "quy_Latn"),
)


def main() -> None:
    """Print mean and max alignment with the chance level of each, a column a model."""
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder)
        (board / "results").symlink_to(SHIPPED / "results")
        repo = Repo(board)
        table = Snapshots(repo).load(snapshot.key(repo))
    table = table[table["embedding"] == "weighted-mean@1"]
    models = sorted(set(table["name"]))
    print("| language | " + " | ".join(f"{m}: mean (chance) | max (chance)" for m in models) + " |")
    print("|---|" + "---|---|" * len(models))
    for code in LANGUAGES:
        cells = []
        for model in models:
            row = table[(table["name"] == model) & (table["language"] == code)].iloc[0]
            cells += [f"{row[k]:.3f} ({row[f'{k}_chance']:.3f})" for k in ("mean", "max")]
        print(f"| {resolve(code).name} | " + " | ".join(cells) + " |")
    for model in models:
        rows = table[(table["name"] == model) & table["mean"].notna()]
        covered = (rows["mean"] > rows["mean_chance"]).sum()
        print(f"\n{model}: {len(rows)} languages and variants measured, {covered} above chance.")


if __name__ == "__main__":
    main()
