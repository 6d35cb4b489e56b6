from __future__ import annotations

import yaml
from huggingface_hub import DatasetCard

from leaderboard import dataset_cards


def test_cards_are_what_the_hub_reads() -> None:
    for made in (dataset_cards.results("lab/board"), dataset_cards.requests("lab/board")):
        card = DatasetCard(made.decode())
        assert card.data.license == "apache-2.0"
        assert "leaderboard" in card.data.tags
        [default] = [each for each in card.data.configs if each.get("default")]
        assert default["data_files"] in ("scores/scores.parquet", "*/*.json")
        assert yaml.safe_load(made.decode().split("---\n")[1])
