"""Hits of the engine beside those of the slow way, for any decoder, and when the two agree."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import torch
from slow_alignment import reference
from transformers import AutoConfig, AutoModel, AutoTokenizer

from evaluators import alignment, embeddings, engine
from evaluators.scores import measured
from results import giveable

METHODS = embeddings.methods(giveable.USUAL)
NEAR = 5e-6
TINY = {
    "llama": {"num_key_value_heads": 2},
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 2048},
    "gemma3_text": {"num_key_value_heads": 2, "head_dim": 8},
    "gpt_neox": {},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 8},
}


@lru_cache
def tokenizer_of(folder):
    """Read once: a large vocabulary takes seconds."""
    return AutoTokenizer.from_pretrained(folder)


def tiny(kind, folder):
    """A random decoder with three blocks and a real tokenizer."""
    tokenizer = tokenizer_of(folder)
    sizes = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        **TINY[kind],
    }
    if kind == "gpt2":
        sizes = TINY[kind]
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, vocab_size=len(tokenizer), initializer_range=0.3, **sizes)
    model = AutoModel.from_config(config, dtype=torch.float32).eval()
    return model, tokenizer


def loaded(model, tokenizer):
    """The model and its tokenizer as the engine takes them."""
    return SimpleNamespace(
        model=model, tokenizer=tokenizer, whole=None, own=None, about=SimpleNamespace(id="tiny")
    )


def hits(model, tokenizer, texts, batch_tokens):
    """method -> language -> bool (layers, n), from the engine."""
    run = engine.Engine(loaded(model, tokenizer), METHODS, batch_tokens)
    found = {code: run.embed(texts[code]).vectors for code in texts}
    return {
        str(method): {
            code: measured(
                ["alignment"], found["eng_Latn"][str(method)], found[code][str(method)], 0
            )["alignment"][0]
            for code in texts
            if code != "eng_Latn"
        }
        for method in METHODS
    }


def slow(model, tokenizer, texts):
    """The same from the slow way, as margins."""
    others = [code for code in texts if code != "eng_Latn"]
    found = {c: reference(model, tokenizer, texts["eng_Latn"], texts[c]) for c in others}
    return {str(m): {c: np.array(found[c][str(m)]) for c in others} for m in METHODS}


def compare(fast, margins):
    """Compared, near a tie, flipped, and flipped away from a tie.

    Layer 0 of the last token is left to its own test: it depends on that token alone, all ties.
    """
    seen = near = flips = wrong = 0
    for method, by_language in margins.items():
        first = 1 if method.startswith("last-token") else 0
        for code, margin in by_language.items():
            margin, hit = margin[first:], fast[method][code][first:]
            flipped = hit != (margin > alignment.MARGIN)
            tie = np.abs(margin) <= NEAR
            seen += margin.size
            near += tie.sum()
            flips += flipped.sum()
            wrong += (flipped & ~tie).sum()
    return int(seen), int(near), int(flips), int(wrong)


def agree(counts):
    """DESIGN's near-tie rule."""
    seen, near, flips, wrong = counts
    return wrong == 0 and near <= seen * 2 / 1000 and flips <= seen / 2000
