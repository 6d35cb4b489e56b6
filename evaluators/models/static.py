"""Static embedders (model2vec): a text is the mean of vectors that its tokens always have.

No block reads one token beside another, so there are no hidden states: a floor for what a language
model adds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from evaluators.models import sentence
from evaluators.models.source import SourceError
from results.sentence_folder import Module

MODEL2VEC = (Module("StaticEmbedding", ""), Module("Normalize", ""))
"""What a model2vec folder without a modules.json does."""
BATCH = 1024
"""Texts a batch."""


@dataclass(frozen=True)
class Static:
    """A table of token vectors, and what is done to their mean."""

    modules: nn.ModuleList
    prefix: str

    @property
    def width(self) -> int:
        """Numbers a vector."""
        return len(self.vectors(["a"])[0][0])

    def parameters(self) -> int:
        """Of the table and all modules after it."""
        return sum(each.numel() for each in self.modules.parameters())

    @torch.inference_mode()
    def vectors(
        self, texts: Sequence[str], stop: Callable[[], None] = lambda: None
    ) -> tuple[np.ndarray, int, int]:
        """As `Own.vectors`; no text is ever cut."""
        found, tokens = [], 0
        for at in range(0, len(texts), BATCH):
            stop()
            batch = [self.prefix + text for text in texts[at : at + BATCH]]
            features = self.modules[0].preprocess(batch)
            tokens += len(features["input_ids"])
            for module in self.modules:
                features = module(features)
            found.append(features["sentence_embedding"].float().numpy())
        return np.concatenate(found), tokens, 0


def load(path: Path, name: str, found: Sequence[Module], dtype: torch.dtype) -> Static:
    """The table and modules of a folder.

    Raises SourceError for a tokenizer or weights that are missing or broken.
    """
    first = found[0]
    if not (path / first.file("tokenizer.json")).is_file():
        raise SourceError(f"{name} has no tokenizer that can be loaded: no tokenizer.json")
    if not (path / first.file("model.safetensors")).is_file():
        raise SourceError(f"{name} holds no safetensors weights; pickles are not loaded")
    return Static(sentence.after(path, name, found).to(dtype), sentence.prefix(path, name))
