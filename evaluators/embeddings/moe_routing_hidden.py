"""Hidden state and routing weights side by side (MoEE, concatenated, arXiv 2410.10814, sec. 3).

e_l = h_T,l / |h_T,l| beside r / |r|, r the routing weights of all layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.embeddings.kinds import Layers


def derive(bases: Sequence[Layers], pivots: Sequence[Layers]) -> Layers:
    """From last-token states and routing weights of a language, float32 (n, d + r) a layer."""
    states, (routing,) = bases
    return [np.hstack([_unit(layer), _unit(routing)]) for layer in states]


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = rows / np.where(lengths > 0, lengths, 1)
    return unit
