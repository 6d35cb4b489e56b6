"""Whether a model's states can be read layer by layer: tried on two short texts before anything."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from evaluators.batcher import collate
from evaluators.exits import out_of_memory
from evaluators.models.source import SourceError
from results.architectures import UNREADABLE

TEXTS = ("One.", "Everyone has the right to life, liberty and security.")
ONE_BY_ONE = frozenset({"convbert", "fnet", "nystromformer", "xlstm"})
"""Architectures whose states change with the padding beside a text, whatever the mask says."""
TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.2, torch.float16: 0.03}
"""Of the length of a token's state: far above what the order of additions changes."""
BROKEN = (ValueError, RuntimeError, TypeError, LookupError, AttributeError, NotImplementedError)


def check(name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Widths of the hidden states that the model returns: the embedding output's, one a block.

    Raises:
        SourceError: it returns none, of another shape than (texts, tokens, width), or others when
            a text is padded, or infinite ones; or it does not run over plain text.
    """
    rows = [tokenizer(text)["input_ids"] for text in TEXTS]
    if not all(rows):
        raise SourceError(
            f"{name} has no tokenizer that can be used: it makes nothing of a sentence"
        )
    known = _vocabulary(model)
    if known is not None and max(map(max, rows)) >= known:
        raise SourceError(
            f"{name} has no tokenizer that fits it: its ids go beyond the {known} that the model "
            "knows"
        )
    rows.sort(key=len)
    pad = padding(tokenizer, model)
    try:
        alone = _states(model, [rows[0]], pad)
        padded = _states(model, rows, pad) if model.config.model_type not in ONE_BY_ONE else alone
    except BROKEN as error:
        if out_of_memory(error):
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise SourceError(f"{name} does not run over plain text: {lines[0][:160]}") from error
    kind = model.config.model_type
    if len(alone) < 2:
        raise SourceError(f"{name} ({kind}) returns no hidden states of its blocks")
    length = len(rows[0])
    if not all(_one_a_token(state, length) for state in alone) or kind in UNREADABLE:
        raise SourceError(
            f"the blocks of {name} ({kind}) do not keep one state a token, so that there is no "
            "vector of a segment at every layer"
        )
    if not all(bool(state.isfinite().all()) for state in alone):
        computed = str(model.dtype).removeprefix("torch.")
        advice = ": ask for bfloat16 or float32" if model.dtype == torch.float16 else ""
        raise SourceError(
            f"the states of {name} ({kind}) are infinite or no numbers in {computed}{advice}"
        )
    tolerance = TOLERANCE.get(model.dtype, 1e-3)
    for a, b in zip(alone, padded, strict=True):
        a, b = a[0].float(), b[0, :length].float()
        # Token by token: the first one's state is often a thousand times as long as the others'.
        if not bool(((a - b).norm(dim=-1) <= tolerance * a.norm(dim=-1)).all()):
            raise SourceError(
                f"the states of {name} ({kind}) change with the length of other texts in a batch"
            )
    return tuple(state.shape[-1] for state in alone)


def padding(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> int:
    """The tokenizer's own padding token, or 0 if it has none that the model has an embedding of."""
    own, known = tokenizer.pad_token_id, _vocabulary(model)
    return own if isinstance(own, int) and (known is None or own < known) else 0


def _one_a_token(state: object, length: int) -> bool:
    return isinstance(state, torch.Tensor) and state.ndim == 3 and state.shape[:2] == (1, length)


def _vocabulary(model: PreTrainedModel) -> int | None:
    try:
        return getattr(model.get_input_embeddings(), "num_embeddings", None)
    except (NotImplementedError, AttributeError):
        return None


@torch.inference_mode()
def _states(model: PreTrainedModel, rows: list[list[int]], pad: int) -> tuple[torch.Tensor, ...]:
    ids, mask = collate(rows, pad)
    more: dict[str, Any] = {"use_cache": False} if hasattr(model.config, "use_cache") else {}
    found = model(
        input_ids=ids.to(model.device),
        attention_mask=mask.to(model.device),
        output_hidden_states=True,
        **more,
    )
    states: tuple[torch.Tensor, ...] = tuple(getattr(found, "hidden_states", None) or ())
    return states
