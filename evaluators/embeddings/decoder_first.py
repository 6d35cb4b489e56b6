"""First token of the decoder: e = its state at its start token (Sentence-T5, arXiv 2108.08877).

The encoder reads the segment, the decoder the token that it starts a text with; its states there
are the embedding output and the output of each of its blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from evaluators.batcher import collate

if TYPE_CHECKING:
    from evaluators.batcher import Batcher
    from evaluators.models.load import Loaded


def lacks(loaded: Loaded) -> str | None:
    """Why a model's decoder has no first token, or None."""
    if loaded.whole is None:
        return f"{loaded.about.id} is no encoder-decoder"
    if loaded.whole.config.decoder_start_token_id is None:
        return f"{loaded.about.id} does not say which token its decoder starts with"
    return None


def embed(
    loaded: Loaded, texts: Sequence[str], batcher: Batcher
) -> tuple[list[np.ndarray], int, int]:
    """Vectors float32 (n, d) of each of the decoder's states, the tokens, and segments cut."""
    from evaluators.models.positions import positions
    from evaluators.models.stack import padding

    whole, tokenizer = loaded.whole, loaded.tokenizer
    assert whole is not None and loaded.model is not None  # noqa: S101
    longest = positions(loaded.model, tokenizer)
    rows = [tokenizer(text)["input_ids"] for text in texts]
    read = [
        row
        if len(row) <= longest
        else tokenizer(text, truncation=True, max_length=longest)["input_ids"]
        for text, row in zip(texts, rows, strict=True)
    ]

    pad = padding(tokenizer, loaded.model)

    @torch.inference_mode()
    def forward(batch: list[int]) -> list[np.ndarray]:
        ids, mask = collate([read[i] for i in batch], pad)
        start = torch.full((len(batch), 1), whole.config.decoder_start_token_id)
        found = whole(
            input_ids=ids.to(whole.device),
            attention_mask=mask.to(whole.device),
            decoder_input_ids=start.to(whole.device),
            output_hidden_states=True,
            use_cache=False,
        ).decoder_hidden_states
        states = [state[:, 0].float().cpu().numpy() for state in found]
        return list(np.stack(states, axis=1))

    of_texts = batcher.run([len(row) for row in read], forward)
    layers = list(np.stack(of_texts, axis=1))
    return layers, sum(map(len, rows)), sum(len(row) > longest for row in rows)
