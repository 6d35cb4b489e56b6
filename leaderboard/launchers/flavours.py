"""The machines of Hugging Face Jobs: what each holds and costs, and the cheapest for a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from leaderboard.checks import BYTES, GIB, OVERHEAD, USABLE
from results.request import RequestedModel

GB = 1e9
SMALL = 500_000_000
"""Parameters up to which a model is evaluated without a GPU."""
PACKAGES = 12 * GB
"""Bytes of a job's disk that requirements-eval.txt takes, with the GPU libraries."""
UNKNOWN = 2.0
"""Parameters a byte of a file that does not say: as of four-bit weights."""


@dataclass(frozen=True)
class Flavour:
    """A machine; memories and disk in GB, `gpu` 0 without one, price in dollars an hour."""

    name: str
    gpu: float
    memory: float
    disk: float
    price: float

    def fits(self, model: RequestedModel) -> bool:
        """Whether it holds the model, on its device and on its disk."""
        count = parameters(model)
        if count is None:
            return self.gpu > 0
        weights = count * BYTES[model.dtype]
        device = self.gpu or self.memory
        downloads = (model.size or 0) + (weights if model.file else 0)
        return (
            (self.gpu > 0 or count <= SMALL)
            and weights * OVERHEAD <= USABLE * device * GB
            and downloads + PACKAGES <= USABLE * self.disk * GB
        )


# huggingface.co/docs/hub/jobs-pricing, November 2026. One GPU each: a model is loaded onto one,
# by way of main memory, for which a10g-small has too little.
TABLE = (
    Flavour("cpu-upgrade", 0, 32, 50, 0.03),
    Flavour("t4-small", 16, 15, 50, 0.40),
    Flavour("t4-medium", 16, 30, 100, 0.60),
    Flavour("l4x1", 24, 30, 400, 0.80),
    Flavour("a10g-large", 24, 46, 200, 1.50),
    Flavour("l40sx1", 48, 62, 380, 1.80),
    Flavour("a100-large", 80, 142, 1000, 2.50),
    Flavour("rtx-pro-6000", 96, 256, 475, 2.75),
    Flavour("h200", 141, 256, 3000, 5.00),
)


def parameters(model: RequestedModel) -> int | None:
    """How many there are, from the size of the file where nothing says; None when unknown."""
    if model.parameters is not None or model.size is None:
        return model.parameters
    return int(model.size * UNKNOWN)


def priced(prices: Mapping[str, float]) -> tuple[Flavour, ...]:
    """The table at these prices, without what is not to be had; as it is when there are none."""
    known = tuple(replace(each, price=prices[each.name]) for each in TABLE if each.name in prices)
    return known or TABLE


def choose(model: RequestedModel, table: Iterable[Flavour] = TABLE) -> Flavour:
    """The cheapest that holds the model. Raises ValueError, for a person."""
    fitting = [each for each in table if each.fits(model)]
    if not fitting:
        count = parameters(model)
        need = "" if count is None else f" ({count * BYTES[model.dtype] * OVERHEAD / GIB:.0f} GiB)"
        raise ValueError(f"No machine with one GPU of Hugging Face Jobs holds this model{need}.")
    return min(fitting, key=lambda each: each.price)
