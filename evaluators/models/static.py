"""Static embedders (model2vec): a text is the mean of vectors that its tokens always have.

No block reads one token beside another, so there are no hidden states: a floor for what a language
model adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from evaluators.batcher import Batcher
from evaluators.models import sentence
from evaluators.models.source import SourceError
from results.sentence_folder import Module

MODEL2VEC = (Module("StaticEmbedding", ""), Module("Normalize", ""))
"""What a model2vec folder without a modules.json does."""


@dataclass(frozen=True)
class Static:
    """A table of token vectors, and what is done to their mean."""

    modules: nn.ModuleList
    prefix: str
    width: int
    """Numbers a vector."""

    def parameters(self) -> int:
        """Of the table and all modules after it."""
        return sum(each.numel() for each in self.modules.parameters())

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """Its tokenizer as transformers has them, for counting."""
        return PreTrainedTokenizerFast(tokenizer_object=self.modules[0].tokenizer)

    def vectors(self, texts: Sequence[str], batcher: Batcher) -> tuple[np.ndarray, int, int]:
        """As `Own.vectors`; no text is ever cut."""
        read = [self.prefix + text for text in texts]
        lengths = [len(self.modules[0].preprocess([text])["input_ids"]) for text in read]

        @torch.inference_mode()
        def forward(batch: list[int]) -> list[np.ndarray]:
            features = self.modules[0].preprocess([read[i] for i in batch])
            for module in self.modules:
                features = module(features)
            return list(features["sentence_embedding"].float().numpy())

        return np.stack(batcher.run(lengths, forward)), sum(lengths), 0


def load(path: Path, name: str, found: Sequence[Module], dtype: torch.dtype) -> Static:
    """The table and modules of a folder.

    Raises SourceError for a tokenizer or weights that are missing or broken.
    """
    first = found[0]
    if not (path / first.file("tokenizer.json")).is_file():
        raise SourceError(f"{name} has no tokenizer that can be loaded: no tokenizer.json")
    if not (path / first.file("model.safetensors")).is_file():
        raise SourceError(f"{name} holds no safetensors weights; pickles are not loaded")
    modules = sentence.after(path, name, found).to(dtype)
    table = modules[0]
    if max(table.tokenizer.get_vocab().values()) >= table.num_embeddings:
        raise SourceError(
            f"{name} has no tokenizer that fits it: its ids go beyond the {table.num_embeddings} "
            "that the model knows"
        )
    widths = [each.out_features for each in modules if hasattr(each, "out_features")]
    width = [table.embedding_dim, *widths][-1]
    return Static(modules, sentence.prefix(path, name), width)
