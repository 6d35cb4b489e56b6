"""Sentence-transformers folders: their own prefix, pooling and projections over the transformer.

The modules are the library's (Sentence-BERT, arXiv 1908.10084); the transformer inside is loaded as
any other, so that a tensor that is missing is noticed and every embedding method can be used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from evaluators.batcher import Batcher, collate
from evaluators.models.source import SourceError, listed
from evaluators.models.stack import padding
from results.sentence_folder import NAME, Module

ACTIVATION = re.compile(r"torch\.nn\.modules\.(activation|linear)\.[A-Z][A-Za-z0-9]*")
SETTINGS = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
"""Names that versions of the library have given the transformer module's own settings."""
WEIGHTED = ("Dense", "LayerNorm")
"""Modules after the transformer that have weights, which the library would unpickle too."""


def modules(path: Path, name: str) -> list[Module]:
    """The modules of a folder; none when it is no sentence-transformers folder.

    Raises SourceError for modules that are not followed, and for weights that are not safetensors.
    """
    found = listed(name, path / NAME)
    for each in found:
        if each.kind in WEIGHTED and not (path / each.file("model.safetensors")).is_file():
            raise SourceError(
                f"{name} holds no safetensors weights of its module {each.path}; pickles are not "
                "loaded"
            )
    return found


@dataclass(frozen=True)
class Pooled:
    """A transformer and the modules after it, with the folder's default prefix."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    after: nn.ModuleList
    prefix: str
    longest: int
    """Tokens of the longest text that is not cut."""
    lower: bool

    def parameters(self) -> int:
        """Of the modules after the transformer."""
        return sum(each.numel() for each in self.after.parameters())

    def vectors(self, texts: Sequence[str], batcher: Batcher) -> tuple[np.ndarray, int, int]:
        """As `Own.vectors`."""
        read = [self.prefix + text for text in texts]
        if self.lower:
            read = [text.lower() for text in read]
        whole = [self._ids(text) for text in read]
        rows = [
            row if len(row) <= self.longest else self._ids(text, self.longest)
            for text, row in zip(read, whole, strict=True)
        ]
        # Before the batches, whose threads must not share the tokenizer.
        before = self._before() if self.prefix else None
        vectors = batcher.run(
            [len(row) for row in rows],
            lambda batch: self._pooled([rows[i] for i in batch], before),
        )
        cut = sum(len(row) > self.longest for row in whole)
        return np.stack(vectors), sum(map(len, whole)), cut

    def _ids(self, text: str, longest: int | None = None) -> list[int]:
        more: dict[str, Any] = {"truncation": True, "max_length": longest} if longest else {}
        ids: list[int] = self.tokenizer(text, **more)["input_ids"]
        return ids

    def _before(self) -> int:
        """Tokens of the prefix, the start token among them."""
        alone = self._ids(self.prefix)
        return len(alone) - (alone[-1] in self.tokenizer.all_special_ids)

    @torch.inference_mode()
    def _pooled(self, rows: Sequence[Sequence[int]], before: int | None) -> list[np.ndarray]:
        padded = collate(rows, padding(self.tokenizer, self.model))
        ids, mask = (each.to(self.model.device) for each in padded)
        more = {"use_cache": False} if hasattr(self.model.config, "use_cache") else {}
        states = self.model(input_ids=ids, attention_mask=mask, **more).last_hidden_state
        features: dict[str, Any] = {"token_embeddings": states.to(ids.device)}
        features["attention_mask"] = mask
        if before is not None:
            features["prompt_length"] = before
        for module in self.after:
            features = module(features)
        return list(features["sentence_embedding"].float().cpu().numpy())


def pooled(
    path: Path,
    name: str,
    found: Sequence[Module],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    positions: int,
) -> Pooled:
    """What a folder does with its transformer, which is loaded already.

    positions: the longest text that the transformer takes, in tokens.

    Raises SourceError for settings that are not followed, and for broken modules.
    """
    inside = path / found[0].path
    settings = next(
        (_json(inside / each, name) for each in SETTINGS if (inside / each).exists()), {}
    )
    task = settings.get("transformer_task", "feature-extraction")
    if task != "feature-extraction":
        raise SourceError(f"{name} takes its vectors from the task {str(task)[:40]}, not from text")
    longest = settings.get("max_seq_length")
    longest = min(positions, longest) if isinstance(longest, int) and longest > 0 else positions
    return Pooled(
        model,
        tokenizer,
        after(path, name, found[1:]).to(device=model.device, dtype=model.dtype),
        prefix(path, name),
        longest,
        settings.get("do_lower_case") is True,
    )


def prefix(path: Path, name: str) -> str:
    """The prompt that a folder puts before every text unless another is asked for."""
    settings = _json(path / "config_sentence_transformers.json", name)
    prompts, default = settings.get("prompts"), settings.get("default_prompt_name")
    said = prompts.get(default) if isinstance(prompts, dict) and isinstance(default, str) else None
    return said if isinstance(said, str) else ""


def after(path: Path, name: str, found: Sequence[Module]) -> nn.ModuleList:
    """The library's modules of these kinds, with the folder's settings and weights.

    Raises SourceError for settings or weights that do not fit.
    """
    # Here, for it takes seconds, and few models need it.
    from sentence_transformers import base, sentence_transformer

    for each in found:
        said = _json(path / each.file("config.json"), name).get("activation_function")
        if each.kind == "Dense" and said is not None and not ACTIVATION.fullmatch(str(said)):
            raise SourceError(f"{name} has an activation that is none of torch's: {str(said)[:60]}")
    homes = (sentence_transformer.modules, base.modules)
    try:
        loaded = [
            next(getattr(home, each.kind) for home in homes if hasattr(home, each.kind)).load(
                str(path), subfolder=each.path, local_files_only=True
            )
            for each in found
        ]
    except (ValueError, OSError, RuntimeError, TypeError, LookupError, AttributeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        said = lines[0].replace(str(path), name)[:160]
        raise SourceError(f"the modules of {name} cannot be loaded: {said}") from error
    return nn.ModuleList(loaded).eval().requires_grad_(False)


def _json(path: Path, name: str) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_bytes()[: 1 << 20])
    except (ValueError, RecursionError):
        raise SourceError(f"{name} has a {path.name} that cannot be read") from None
    return found if isinstance(found, dict) else {}
