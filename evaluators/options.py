"""What a run was told to measure, in a person's words, and what that means for a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from results import giveable
from results.evaluation import Wanted

if TYPE_CHECKING:
    from evaluators.models.load import Loaded


@dataclass(frozen=True)
class Options:
    """Names as `Wanted.parse` takes them; the usual embedding methods where none is named."""

    embeddings: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    noises: tuple[str, ...] = ()
    pivots: tuple[str, ...] = ("eng_Latn",)

    def check(self) -> None:
        """Raises ValueError for a name that there is not, before a model is loaded."""
        self._parse(self.embeddings or ("all",))

    def _parse(self, embeddings: tuple[str, ...]) -> Wanted:
        return Wanted.parse(embeddings, self.scores, self.statistics, self.noises, self.pivots)

    def of(self, usual: tuple[str, ...], available: tuple[str, ...]) -> Wanted:
        """For a model that can give `available`; `all` stands for those."""
        named = self.embeddings or usual
        return self._parse(
            tuple(each for name in named for each in (available if name == "all" else [name]))
        )


def wanted(options: Options, loaded: Loaded) -> Wanted:
    """What the options mean for a model. Raises ValueError for a method it cannot give."""
    from evaluators import embeddings

    available = tuple(each.name for each in embeddings.available(loaded))
    usual = tuple(name for name in giveable.USUAL if name in available)
    return options.of(usual or available, available)
