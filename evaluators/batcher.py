"""Work in batches of bounded size, longest first; a batch that does not fit is halved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from evaluators.exits import out_of_memory

T = TypeVar("T")
Stop = Callable[[], None]


class Batcher:
    """Batches under a budget of padded tokens, which falls when memory runs out."""

    def __init__(self, budget: int, device: torch.device) -> None:
        self.budget = budget
        self.device = device
        self.halvings = 0

    def run(
        self,
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[T]],
        stop: Stop = lambda: None,
    ) -> list[T]:
        """What `forward` gives for every index into `lengths`, called with lists of them.

        `stop` is called before each batch and may raise.

        Raises:
            MemoryError: one segment alone does not fit.
        """
        found: dict[int, T] = {}
        waiting = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
        while waiting:
            stop()
            batch = next(batches(waiting, lengths, self.budget))
            results = self._attempt(batch, lengths, forward)
            if results is None:
                # Not while the error is at hand: its trace keeps the batch's tensors alive.
                self.budget = max(1, lengths[batch[0]] * len(batch) // 2)
                self.halvings += 1
                if self.device.type != "cpu":
                    torch.get_device_module(self.device).empty_cache()
                continue
            waiting = waiting[len(batch) :]
            found.update(zip(batch, results, strict=True))
        return [found[i] for i in range(len(lengths))]

    def _attempt(
        self, batch: list[int], lengths: Sequence[int], forward: Callable[[list[int]], Sequence[T]]
    ) -> Sequence[T] | None:
        try:
            return forward(batch)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if len(batch) == 1:
                raise MemoryError(
                    f"one segment of {lengths[batch[0]]} tokens alone does not fit beside the model"
                ) from error
            return None


def batches(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Runs of `order` whose padded size, longest times count, stays within `budget` tokens."""
    batch: list[int] = []
    longest = 0
    for i in order:
        longest = max(longest, lengths[i])
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch, longest = [], lengths[i]
        batch.append(i)
    if batch:
        yield batch


def collate(
    rows: Sequence[Sequence[int]], pad: int, side: str = "right"
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask (batch, tokens), padded on one side.

    Padding is on the right: absolute positions then hold without being passed.
    """
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        at = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        ids[i, at] = torch.tensor(row)
        mask[i, at] = 1
    return ids, mask
