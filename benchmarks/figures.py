"""`python -m benchmarks.figures`: ten languages of the shipped records, as a Markdown table."""

from __future__ import annotations

import tempfile
from pathlib import Path

from leaderboard.answers.views import alignment_sheets
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
        shot = Snapshots(repo, board / "derived").load(snapshot.key(repo))
        sheet = alignment_sheets(shot)[0]
        names = [shot.models[row.model]["name"] for row in sheet.rows]
        rows = sorted(range(len(names)), key=names.__getitem__)
        heads = " | ".join(f"{names[at]}: mean (chance) | max (chance)" for at in rows)
        print(f"| language | {heads} |")
        print("|---|" + "---|---|" * len(rows))
        for code in LANGUAGES:
            place = sheet.places[code]
            cells = [
                f"{sheet.column(k)[at, place]:.3f} ({sheet.column(f'{k}_chance')[at, place]:.3f})"
                for at in rows
                for k in ("mean", "max")
            ]
            print(f"| {resolve(code).name} | " + " | ".join(cells) + " |")
        covered = sheet.above_chance("mean").sum(axis=1)
        for at in rows:
            measured = f"{sheet.measured[at]} languages and variants measured"
            print(f"\n{names[at]}: {measured}, {covered[at]} above chance.")


if __name__ == "__main__":
    main()
