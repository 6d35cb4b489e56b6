"""Which of a repo's files are the model: told by their names, before any is downloaded."""

from __future__ import annotations

import re
from collections.abc import Collection

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
SHARD = re.compile(r"[A-Za-z0-9_.-]+-[0-9]{5}-of-[0-9]{5}\.safetensors")
GGUF_PART = re.compile(r"-[0-9]{5}-of-[0-9]{5}\.gguf$")
GGUF_FORMAT = re.compile(
    r"(?:^|[-_./])((?:Q[458]_[01]|Q[26]_K|Q3_K_[SML]|Q[45]_K_[SM]|Q2_K_S|"
    r"IQ[1234]_(?:XXS|XS|S|M|NL)|BF16|F16|F32))\.gguf$",
    re.IGNORECASE,
)
"""Names of llama.cpp's file types; others, such as Q4_K_XL, stand in no file's header."""
ORDINARY = re.compile(r"[A-Za-z0-9_.\[\]()+ =-]{1,120}(?:/[A-Za-z0-9_.\[\]()+ =-]{1,120}){0,4}")
TOKENIZER = ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "spiece.model")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5")
ADAPTERS = ("adapter_config.json", "adapter_model.safetensors")


READ = (".json", ".model", ".txt", ".jinja")
"""Endings of what is read beside weights: configurations and tokenizers, never code."""


class NoWeights(ValueError):
    """Raised for a repo without weights that can be read; the message says what to do."""


def ordinary(names: Collection[str]) -> list[str]:
    """The names that a file may have here, sorted; odd ones (control characters, `..`) are left."""
    return sorted(
        name
        for name in names
        if ORDINARY.fullmatch(name) and not {"..", "."} & set(name.split("/"))
    )


def safetensors(names: Collection[str]) -> list[str]:
    """The weight files that transformers reads: the whole one, else the shards of an index.

    Copies under other names (`consolidated.safetensors`, `model.fp16.safetensors`) are left out.
    """
    if WHOLE in names:
        return [WHOLE]
    return sorted(name for name in names if SHARD.fullmatch(name)) if INDEX in names else []


def within(names: Collection[str], folder: str) -> list[str]:
    """The names of the files right in a folder (the top one when empty), without the folder's."""
    start = f"{folder}/" if folder else ""
    found = [name.removeprefix(start) for name in names if name.startswith(start)]
    return [name for name in found if "/" not in name]


def read(names: Collection[str], folders: Collection[str]) -> list[str]:
    """The files in these folders that a model is loaded from, sorted: no pickles, no code.

    Copies of the weights under other names are left out.
    """
    found: set[str] = set()
    for folder in {"", *folders}:
        inside = within(names, folder)
        kept = [name for name in inside if name.endswith(READ)] + safetensors(inside)
        found.update(f"{folder}/{name}" if folder else name for name in kept)
    return sorted(found)


def ggufs(names: Collection[str]) -> list[str]:
    """GGUF files of language models; `mmproj` files hold the other towers of a multimodal one."""
    return sorted(
        name
        for name in names
        if name.endswith(".gguf") and not name.rpartition("/")[2].startswith("mmproj")
    )


def has_tokenizer(names: Collection[str]) -> bool:
    """Whether one of the files is a tokenizer that transformers reads."""
    return any(name in names for name in TOKENIZER) or (
        ("vocab.json" in names and "merges.txt" in names) or "vocab.txt" in names
    )


def choose(
    model: str,
    names: Collection[str],
    file: str | None,
    base: str | None = None,
    folder: str = "",
) -> str | None:
    """The GGUF file to load, or None for the safetensors files.

    `base` is the base model that the card names, for the message about an adapter; `folder` the
    one that holds the transformer, where it is not the top one.

    Raises:
        NoWeights: neither, several GGUF files and none named, a part of a split one, an adapter.
    """
    found = ggufs(names)
    if file and file not in found:
        offered = f" It has {_listed(found)}." if found else ""
        raise NoWeights(f"{model} has no GGUF file “{file[:100]}”.{offered}")
    if not file:
        if safetensors(within(names, folder)):
            return None
        whole = [name for name in found if not GGUF_PART.search(name)]
        if len(whole) > 1:
            raise NoWeights(f"{model} has several GGUF files: choose one of {_listed(whole)}.")
        if not found:
            raise NoWeights(_nothing(model, names, base))
        file = (whole or found)[0]
    if GGUF_PART.search(file):
        raise NoWeights(
            f"{file[:100]} is one part of a split GGUF file, which transformers cannot read. Join "
            "the parts with llama.cpp's “llama-gguf-split --merge” and upload the whole file, or "
            "choose a repo with safetensors."
        )
    return file


def _nothing(model: str, names: Collection[str], base: str | None) -> str:
    if any(name in names for name in ADAPTERS):
        return (
            f"{model} is an adapter (PEFT, LoRA) for {base or 'a base model'}, without weights of "
            "its own to evaluate. Merge the two (merge_and_unload in PEFT), upload the result and "
            "submit that, or submit the base model."
        )
    if any(name.endswith(PICKLES) for name in names):
        return (
            f"{model} has neither safetensors nor GGUF weights. Pickled weights can run code "
            "when they are read, so they are never loaded; convert them to safetensors."
        )
    other = [name for name in names if name.endswith(".safetensors")]
    if other:
        return (
            f"{model} has neither {WHOLE} nor {INDEX} in its top folder, which is what "
            f"transformers reads; it has {_listed(sorted(other))}. "
            "Save it with save_pretrained."
        )
    return f"{model} has neither safetensors nor GGUF weights: there is nothing to load."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(name[:60] for name in names[:6]) + more
