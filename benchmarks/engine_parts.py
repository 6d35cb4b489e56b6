"""The three things that the engine's benchmark times: one segment at a time, ours, its products."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase


def published(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]
) -> tuple[list[list[np.ndarray]], list[list[np.ndarray]]]:
    """(weighted means, last tokens), each [segment][layer] -> (hidden,), float32.

    What the published scripts of MEXA (arXiv 2410.05873) do: each segment alone through the model
    with its language-model head, all hidden states kept, both embeddings taken layer by layer.
    """
    weighted, last = [], []
    for text in texts:
        tokens = tokenizer(text, return_tensors="pt").to(model.device)
        with torch.no_grad():
            states = model(**tokens, output_hidden_states=True).hidden_states
        length = tokens["input_ids"].shape[1]
        positions = torch.arange(1, length + 1, device=model.device)
        means, ends = [], []
        for state in states:
            mean = (state * positions[:, None]).sum(dim=1) / positions.sum()
            means.append(mean[0].float().cpu().numpy())
            ends.append(state[0, -1].float().cpu().numpy())
        weighted.append(means)
        last.append(ends)
    return weighted, last


@dataclass(frozen=True)
class Product:
    """One linear layer's product: inputs (rows, in) by weight (out, in), padded tokens included."""

    rows: int
    weight: torch.Tensor

    @property
    def operations(self) -> int:
        """Floating-point operations, a multiplication and an addition each."""
        return 2 * self.rows * self.weight.numel()


@dataclass
class Products:
    """The products of each batch, in order, and how many threads ran batches."""

    batches: list[list[Product]] = field(default_factory=list)
    threads: int = 1

    @property
    def operations(self) -> int:
        """Of all batches."""
        return sum(product.operations for batch in self.batches for product in batch)


@contextmanager
def recorded(model: nn.Module) -> Iterator[Products]:
    """Note every `nn.Linear` of the model that runs meanwhile, in whatever thread.

    A batch is what one thread runs until a layer comes again. Raises RuntimeError where a batch
    did not pass every linear layer once: the products would not be those of the model.
    """
    names = {layer: name for name, layer in model.named_modules() if isinstance(layer, nn.Linear)}
    found, lock = Products(), threading.Lock()
    running: dict[int, tuple[set[nn.Module], list[Product]]] = {}

    def note(layer: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        product = Product(args[0].numel() // args[0].shape[-1], layer.weight)
        with lock:
            seen, batch = running.get(threading.get_ident(), (None, None))
            if seen is None or layer in seen:
                seen, batch = set(), []
                found.batches.append(batch)
                running[threading.get_ident()] = seen, batch
            seen.add(layer)
            batch.append(product)

    handles = [layer.register_forward_pre_hook(note) for layer in names]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
    found.threads = len(running)
    sizes = {len(batch) for batch in found.batches}
    if sizes != {len(names)}:
        raise RuntimeError(
            f"the model has {len(names)} linear layers, batches passed {sorted(sizes) or 'none'}"
        )


class Replay:
    """The same products again and nothing else: random inputs, the model's own weights.

    Inputs and outputs are made beforehand, one of each a thread, so that nothing is allocated.
    """

    def __init__(self, products: Products, threads: int) -> None:
        """threads: how many batches run at a time, each by one thread; 1: by all cores."""
        self.batches = products.batches
        self.threads = threads
        every = [product for batch in self.batches for product in batch]
        dtype = every[0].weight.dtype
        inputs = max(p.rows * p.weight.shape[1] for p in every)
        outputs = max(p.rows * p.weight.shape[0] for p in every)
        self.buffers = [
            (torch.randn(inputs).to(dtype), torch.empty(outputs, dtype=dtype))
            for _ in range(threads)
        ]

    def __call__(self) -> None:
        """Run all of them once."""
        if self.threads == 1:
            for batch in self.batches:
                self._run(batch, *self.buffers[0])
            return
        before = torch.get_num_threads()
        free, own = list(self.buffers), threading.local()

        def begin() -> None:
            torch.set_num_threads(1)
            own.buffers = free.pop()

        try:
            with ThreadPoolExecutor(self.threads, initializer=begin) as pool:
                list(pool.map(lambda batch: self._run(batch, *own.buffers), self.batches))
        finally:
            torch.set_num_threads(before)

    @staticmethod
    @torch.inference_mode()
    def _run(batch: Sequence[Product], inputs: torch.Tensor, outputs: torch.Tensor) -> None:
        for product in batch:
            out, width = product.weight.shape
            given = inputs[: product.rows * width].view(product.rows, width)
            torch.mm(
                given,
                product.weight.detach().t(),
                out=outputs[: product.rows * out].view(product.rows, out),
            )


@dataclass(frozen=True)
class Spent:
    """Seconds of one round: on the wall, and of all processors together."""

    wall: float
    processor: float


def timed(act: Callable[[], object]) -> Spent:
    """What one call takes."""
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return Spent(time.perf_counter() - wall, time.process_time() - processor)


def alternated(
    acts: Sequence[dict[str, Callable[[], object]]], rounds: int
) -> dict[str, list[Spent]]:
    """Each act's cost a round, summed over the parts.

    Parts (languages) follow each other, and within one the acts alternate, so that noise of the
    machine hits them all.
    """
    found: dict[str, list[Spent]] = {name: [] for name in acts[0]}
    for _ in range(rounds):
        sums = dict.fromkeys(found, Spent(0.0, 0.0))
        for part in acts:
            for name, act in part.items():
                more, old = timed(act), sums[name]
                sums[name] = Spent(old.wall + more.wall, old.processor + more.processor)
        for name, spent in sums.items():
            found[name].append(spent)
    return found


def fastest(costs: dict[str, list[Spent]], names: Sequence[str]) -> str:
    """Of the ways named, the one with the least median time on the wall."""
    return min(names, key=lambda name: statistics.median(spent.wall for spent in costs[name]))


def ratios(costs: dict[str, list[Spent]], over: str, under: str, kind: str = "wall") -> list[float]:
    """One way's seconds by another's, round by round."""
    pairs = zip(costs[over], costs[under], strict=True)
    return [getattr(a, kind) / getattr(b, kind) for a, b in pairs]
