"""Embedding methods: how a segment's tokens become one vector a layer, or one in all.

`results.methods.EMBEDDINGS` describes them; here is what computes them. To add one, write a file
beside these and a line in METHODS. Methods of one reading share a forward pass, and what follows
from another method's vectors takes none: `Embedded` holds the vectors of METHODS that are not
Derived, and `vectors` makes the others from them, with any pivot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evaluators.embeddings import (
    clipped_mean,
    decoder_first,
    echo,
    language_mean_removed,
    last_token,
    mean,
    moe_routing,
    moe_routing_hidden,
    own,
    prompt_last,
    token_prepending,
    weighted_mean,
    whitened_first_last,
)
from evaluators.embeddings.kinds import Apart, Derived, Kind, Routed, Weighted, lacks_one_width
from evaluators.embeddings.reading import Read, lacks_offsets
from results.described import Embedding, chosen
from results.methods import EMBEDDINGS

if TYPE_CHECKING:
    from evaluators.engine import Embedded
    from evaluators.models.load import Loaded

METHODS: dict[str, Kind] = {
    "weighted-mean": Weighted(weighted_mean.weights),
    "last-token": Weighted(last_token.weights),
    "mean": Weighted(mean.weights),
    "echo": Weighted(mean.weights, lacks=lacks_offsets),
    "prompt-last": Weighted(last_token.weights, lacks=prompt_last.lacks),
    "token-prepending": Weighted(last_token.weights, lacks=token_prepending.lacks),
    "whitened-first-last": Derived(("mean",), whitened_first_last.derive, lacks_one_width),
    "layer-average": Weighted(mean.weights, normalised=True, lacks=lacks_one_width),
    "clipped-mean": Derived(("mean",), clipped_mean.derive),
    "language-mean-removed": Derived(("weighted-mean",), language_mean_removed.derive),
    "moe-routing": Routed(moe_routing.lacks),
    "moe-routing-hidden": Derived(
        ("last-token", "moe-routing"), moe_routing_hidden.derive, moe_routing.lacks
    ),
    "own": Apart(own.embed, own.lacks),
    "decoder-first": Apart(decoder_first.embed, decoder_first.lacks),
}
PLAIN = "plain"
"""The reading of a segment alone, in which routers are read too."""
READINGS: dict[str, Read] = {
    "echo": echo.read,
    "prompt": prompt_last.read,
    "prepended": token_prepending.read,
}
"""How a segment is put to the model where it is not given alone."""


def methods(names: Iterable[str]) -> list[Embedding]:
    """The methods of these names, in order, each once. Raises ValueError naming those there are."""
    return chosen(names, {name: EMBEDDINGS[name] for name in METHODS}, "embedding method")


def available(loaded: Loaded) -> list[Embedding]:
    """The methods that a model can give: what `--embedding all` means for it."""
    return [EMBEDDINGS[name] for name, kind in METHODS.items() if _lacks(kind, loaded) is None]


def refusals(methods: Iterable[Embedding], loaded: Loaded) -> dict[str, str]:
    """By name, why the model cannot give some of the methods; a sentence each."""
    reasons = {method.name: _lacks(METHODS[method.name], loaded) for method in methods}
    return {
        name: f"embedding method {name}: {reason}" for name, reason in reasons.items() if reason
    }


def check(methods: Iterable[Embedding], loaded: Loaded) -> None:
    """Raises ValueError, before any forward pass, if the model cannot give one of the methods."""
    for said in refusals(methods, loaded).values():
        raise ValueError(said)


def bases(methods: Iterable[Embedding]) -> list[Embedding]:
    """The methods that a forward pass gives, of which all of `methods` can be made; each once."""
    names: dict[str, None] = {}
    for method in methods:
        kind = METHODS[method.name]
        names.update(dict.fromkeys(kind.of if isinstance(kind, Derived) else [method.name]))
    return [EMBEDDINGS[name] for name in names]


def reading(base: Embedding) -> str:
    """The reading that gives a base."""
    return PLAIN if isinstance(METHODS[base.name], Routed) else base.reading


def passed(base: Embedding) -> Weighted | Routed:
    """What is read of a forward pass for a base that is not Apart."""
    kind = METHODS[base.name]
    assert isinstance(kind, Weighted | Routed)  # noqa: S101
    return kind


def vectors(method: Embedding, embedded: Embedded, pivot: Embedded) -> list[np.ndarray]:
    """A language's vectors under a method, float32 (n, d) a layer, one in all if it is `single`.

    `pivot` is what the engine made of the pivot's segments; some methods are fitted on it alone.
    Pass it for the pivot's own vectors too. Several pivots need no further forward pass.
    """
    kind = METHODS[method.name]
    if not isinstance(kind, Derived):
        return embedded.vectors[str(method)]
    of = [str(EMBEDDINGS[name]) for name in kind.of]
    return kind.derive(_of(embedded, of), _of(pivot, of))


def _of(embedded: Embedded, names: Sequence[str]) -> list[list[np.ndarray]]:
    return [embedded.vectors[name] for name in names]


def _lacks(kind: Kind, loaded: Loaded) -> str | None:
    if loaded.model is None and not isinstance(kind, Apart):
        return f"{loaded.about.id} has no stack of blocks whose states are read"
    return kind.lacks(loaded)
