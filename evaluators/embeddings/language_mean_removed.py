"""Weighted mean less the language's own mean: e_i - sum_j e_j / n (arXiv 2004.05160)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.embeddings.kinds import Layers


def derive(bases: Sequence[Layers], pivots: Sequence[Layers]) -> Layers:
    """From a language's position-weighted means, float32 (n, d) a layer; the pivot is not used."""
    return [(layer - layer.mean(axis=0, dtype=np.float64)).astype(np.float32) for layer in bases[0]]
