"""A corpus as others see it: everything but its segments. The card lies in the results repo."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from results.files import write_atomic
from results.ids import LanguageCode
from results.schema import SCHEMA_VERSION, Name, Sha256, Strict

log = logging.getLogger(__name__)


GATED = frozenset({"flores-plus", "bible"})
"""Corpora that a job needs the board's read token for."""


class CardLanguage(Strict):
    """A language of a corpus; `counted` is false for variants, which no average includes."""

    code: LanguageCode
    counted: bool


class CardLeftOut(Strict):
    """A text that is not in the corpus, and why."""

    code: str
    source: str
    reason: str


class Card(Strict):
    """What a board knows of a corpus: enough to ask for its languages and to count them."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    name: Name
    split: Name | None
    hash: Sha256
    n: int
    licence: str
    text_public: bool
    languages: list[CardLanguage]
    left_out: list[CardLeftOut]
    warnings: list[str]
    created: datetime | None = None
    """When it was built; a file's own time means nothing in a mirror."""
    revision: str | None = None
    """Commit of the Hub's dataset that it was read from."""

    def counted(self) -> list[str]:
        """Codes that averages may include."""
        return [language.code for language in self.languages if language.counted]


def write_card(card: Card, root: Path) -> Path:
    """Write `corpora/NAME-HASH12.json` into a results repo, unless the card is there."""
    target = root / "corpora" / f"{card.name}-{card.hash[:12]}.json"
    if target.exists():
        return target
    plain = json.dumps(card.model_dump(mode="json"), ensure_ascii=False, indent=1)
    write_atomic(target, f"{plain}\n".encode())
    return target


def find_card(root: Path, name: str, digest: str) -> Card | None:
    """The card of one build of a corpus in a results repo, or None."""
    return next((each for each in cards(root) if (each.name, each.hash) == (name, digest)), None)


def cards(root: Path) -> list[Card]:
    """Every card of a results repo that holds, oldest first."""
    found = []
    for path in sorted(root.glob("corpora/*.json")):
        try:
            found.append(Card.model_validate_json(path.read_bytes()))
        except ValidationError as error:
            log.warning("corpus card %s left out: %s", path.name, error)
    return sorted(found, key=lambda card: card.created or datetime.min.replace(tzinfo=UTC))
