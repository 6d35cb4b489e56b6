"""Token states of one layer reduced to what the embedding methods need of it, on the device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from evaluators.embeddings.kinds import Routed, Weighted
from evaluators.embeddings.layer_average import normalised
from evaluators.statistics.curvature import angles

Vectors = list[np.ndarray]
"""One (d,) a layer, for one segment and method; one in all for methods that are `single`."""


class Pool:
    """Called with the states (batch, tokens, hidden) of each layer in turn."""

    def __init__(
        self, kinds: Sequence[Weighted | Routed], own: torch.Tensor, curvature: bool
    ) -> None:
        """`own` is the mask (batch, tokens) of the tokens that are pooled."""
        weighted = [kind for kind in kinds if isinstance(kind, Weighted)]
        self.kinds = kinds
        self.own = own
        self.curvature = curvature
        # Those of plain states first, so that one product serves them all.
        self.order = sorted(weighted, key=lambda kind: kind.normalised)
        self.plain = sum(not kind.normalised for kind in weighted)
        rows = [kind.weights(own)[:, None] for kind in self.order]
        self.weights = torch.cat([torch.zeros(len(own), 0, own.shape[1]), *rows], 1)

    def to(self, device: torch.device) -> Pool:
        """The same with its weights on a device."""
        self.own, self.weights = self.own.to(device), self.weights.to(device)
        return self

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Everything of a layer side by side, float32 (batch, methods x hidden, + 1 for angles)."""
        if self.weights.device != states.device:
            self.to(states.device)
        parts = []
        plain, normal = self.weights[:, : self.plain], self.weights[:, self.plain :]
        if self.plain:
            parts.append((plain @ states.float()).flatten(1))
        if normal.shape[1]:
            parts.append((normal @ normalised(states)).flatten(1))
        if self.curvature:
            parts.append(angles(states, self.own).float()[:, None])
        return (
            torch.cat(parts, 1) if parts else states.new_zeros(len(states), 0, dtype=torch.float32)
        )

    def rows(
        self, layers: Sequence[torch.Tensor], routed: Sequence[torch.Tensor]
    ) -> list[tuple[list[Vectors], np.ndarray]]:
        """For each segment of the batch the vectors of each kind, and the angle of each layer."""
        arrays = [layer.cpu().numpy() for layer in layers]
        turns = np.zeros((len(self.own), 0))
        if self.curvature:
            turns = np.stack([array[:, -1] for array in arrays], 1)
            arrays = [array[:, :-1] for array in arrays]
        routing = torch.cat([each.cpu() for each in routed], 1).numpy() if routed else None
        split = [np.split(array, len(self.order), axis=1) for array in arrays] if self.order else []
        by_kind: list[list[np.ndarray]] = []
        for kind in self.kinds:
            if isinstance(kind, Routed):
                assert routing is not None  # noqa: S101
                by_kind.append([routing])
                continue
            at = next(i for i, each in enumerate(self.order) if each is kind)
            of_layers = [parts[at] for parts in split]
            by_kind.append([np.mean(of_layers, axis=0)] if kind.normalised else of_layers)
        return [
            ([[layer[i] for layer in layers_of] for layers_of in by_kind], turns[i])
            for i in range(len(self.own))
        ]
