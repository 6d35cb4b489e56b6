"""README.md of a board's two datasets: what they hold, and what the Hub's viewer shows of them."""

from __future__ import annotations

from huggingface_hub import DatasetCardData

from results.export import described

SCORES = "scores/scores.parquet"
LICENCE = "apache-2.0"
_RESULTS = """
# Results of {space}

How well each language lines up with English inside each model, as measured by the board
[{space}](https://huggingface.co/spaces/{space}). Workers append; nothing is changed by hand.

- `results/ORG__MODEL/REVISION/WEIGHTS-DTYPE/EVALUATOR-HASH.json`: the records, and beside each the
  segments that counted (`.hits.json`).
- `corpora/`: what each corpus holds, and its text as Parquet where its licence allows that.
- `scores/scores.parquet`: the records as one table, written when the board was last set up;
  `python -m results export FOLDER --from FOLDER` makes it anew.

{columns}"""
_REQUESTS = """
# Requests to {space}

What was asked of the board [{space}](https://huggingface.co/spaces/{space}), and what became of it:
one file a request, `ORG__MODEL/ID.json`, changed by compare-and-swap. `blocklist.json` holds what
is not evaluated.
"""


def results(space: str) -> bytes:
    """The card of the results dataset of a board at `ORG/NAME`."""
    configs: list[dict[str, object]] = [
        {"config_name": "scores", "data_files": SCORES, "default": True},
        {"config_name": "corpora", "data_files": "corpora/*.parquet"},
    ]
    return _card("results", configs, _RESULTS.format(space=space, columns=described()))


def requests(space: str) -> bytes:
    """The card of the requests dataset."""
    configs: list[dict[str, object]] = [
        {"config_name": "requests", "data_files": "*/*.json", "default": True}
    ]
    return _card("requests", configs, _REQUESTS.format(space=space))


def _card(kind: str, configs: list[dict[str, object]], text: str) -> bytes:
    data = DatasetCardData(
        license=LICENCE,
        pretty_name=f"MEXA leaderboard: {kind}",
        tags=["leaderboard", "multilingual", "mexa"],
        configs=configs,
    )
    return f"---\n{data.to_yaml()}\n---\n{text}".encode()
