"""Work in batches of bounded size, longest first, on a processor several at a time.

Threads that share the operations of one batch wait for each other at each of them; on a processor
every thread has a batch of its own instead, as long as memory holds. A batch that does not fit is
halved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import torch

from evaluators.exits import out_of_memory

T = TypeVar("T")


class Batcher:
    """Batches under a budget of padded tokens, which falls when memory runs out.

    `threads` is how many batches run at once: torch's threads on a processor, else 1.
    """

    def __init__(self, budget: int, device: torch.device) -> None:
        self.budget = budget
        self.device = device
        self.halvings = 0
        self.threads = torch.get_num_threads() if device.type == "cpu" else 1

    def run(
        self,
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[T]],
    ) -> list[T]:
        """What `forward` gives for every index into `lengths`, called with lists of them.

        Raises:
            MemoryError: one segment alone does not fit.
        """
        found: dict[int, T] = {}
        waiting = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
        if self.threads > 1 and len(waiting) > 1:
            waiting = self._together(waiting, lengths, forward, found)
        while waiting:
            batch = next(batches(waiting, lengths, self.budget))
            results = attempt(forward, batch)
            if results is None:
                if len(batch) == 1:
                    raise MemoryError(
                        f"one segment of {lengths[batch[0]]} tokens alone does not fit beside "
                        "the model"
                    )
                self.budget = max(1, lengths[batch[0]] * len(batch) // 2)
                self.halvings += 1
                if self.device.type != "cpu":
                    torch.get_device_module(self.device).empty_cache()
                continue
            waiting = waiting[len(batch) :]
            found.update(zip(batch, results, strict=True))
        return [found[i] for i in range(len(lengths))]

    def _together(
        self,
        order: Sequence[int],
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[T]],
        found: dict[int, T],
    ) -> list[int]:
        """Fill `found`, several batches at once; what is left of them once memory has run out."""
        ready = even(order, lengths, self.budget, self.threads)
        running: dict[Future[Sequence[T] | None], list[int]] = {}
        failed: list[int] = []
        with pool(self.threads) as workers:
            while running or (ready and not failed):
                while ready and not failed and len(running) < self.threads:
                    batch = ready.pop(0)
                    running[workers.submit(attempt, forward, batch)] = batch
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    batch, results = running.pop(future), future.result()
                    if results is None:
                        failed += batch
                    else:
                        found.update(zip(batch, results, strict=True))
        if failed:
            self.threads = 1
        left = {*failed, *(i for batch in ready for i in batch)}
        return [i for i in order if i in left]


def attempt(forward: Callable[[list[int]], Sequence[T]], batch: list[int]) -> Sequence[T] | None:
    """The batch's results; None if memory ran out, its tensors gone with the error's trace."""
    try:
        return forward(batch)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return None


@contextmanager
def pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Workers that run torch's operations in their own thread alone; the caller's keep theirs.

    torch counts threads for each calling thread, and for those that have not called yet.
    """
    before = torch.get_num_threads()
    with ThreadPoolExecutor(threads, "batch", torch.set_num_threads, (1,)) as workers:
        try:
            yield workers
        finally:
            torch.set_num_threads(before)


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


def collate(rows: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask (batch, tokens).

    Padding is on the right: absolute positions then hold without being passed.
    """
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


def even(
    order: Sequence[int], lengths: Sequence[int], budget: int, threads: int
) -> list[list[int]]:
    """Batches within the budget, as many as go evenly among the threads and of about equal size."""
    found = list(batches(order, lengths, budget))
    count = -(-len(found) // threads) * threads
    low, high = 0, budget
    while high - low > 1:
        middle = (low + high) // 2
        tried = list(batches(order, lengths, middle))
        if len(tried) <= count:
            found, high = tried, middle
        else:
            low = middle
    return found
