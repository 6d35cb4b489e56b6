"""The longest text that a model reads, in tokens."""

from __future__ import annotations

from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

ENDLESS = 1 << 30


def positions(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """What the configuration, the table of positions and the tokenizer allow, special tokens too.

    Where positions count on from the padding token's id (RoBERTa and its kin), the rows up to it
    are for no token: `max_position_embeddings` 514 is 512 tokens.
    """
    config = model.config.get_text_config()
    names = ("max_position_embeddings", "max_encoder_position_embeddings")
    said = [tokenizer.model_max_length, *(getattr(config, name, None) for name in names)]
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            used = 0 if module.padding_idx is None else module.padding_idx + 1
            said.append(module.num_embeddings - used)
    return min((n for n in said if isinstance(n, int) and n > 0), default=ENDLESS)
