"""The harness's model class, with logits only where a continuation is.

The harness asks for those of every position: with a vocabulary of 262,144 that is most of the work,
and gigabytes for a prompt with examples.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from lm_eval.models.huggingface import HFLM

PAD = 0
"""What the harness pads with, on the right."""


class NeededLogits(HFLM):
    """As HFLM: the logits that it takes from the end of a batch are the same."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._needed: dict[tuple[int, ...], int] = {}
        self._can = "logits_to_keep" in inspect.signature(self.model.forward).parameters

    def _loglikelihood_tokens(
        self,
        requests: list[tuple[Any, list[int], list[int]]],
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        for _, context, continuation in requests:
            given = tuple((context + continuation)[-(self.max_length + 1) :][:-1])
            self._needed[given] = max(len(continuation), self._needed.get(given, 0))
        try:
            return super()._loglikelihood_tokens(requests, **options)
        finally:
            self._needed = {}

    def _model_call(self, inps: torch.Tensor, **options: Any) -> torch.Tensor:  # noqa: ANN401
        if not self._can or not self._needed or options:
            found: torch.Tensor = super()._model_call(inps, **options)
            return found
        keep = max(self._from_end(row) for row in inps.tolist())
        with torch.no_grad():
            last: torch.Tensor = self.model(inps, logits_to_keep=keep).logits
        return last

    def _from_end(self, row: list[int]) -> int:
        """Positions from a padded row's end to where its continuation begins; all if unknown."""
        for end in range(len(row), 0, -1):
            needed = self._needed.get(tuple(row[:end]))
            if needed is not None:
                return len(row) - end + needed
            if row[end - 1] != PAD:
                break
        return len(row)
