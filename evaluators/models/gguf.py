"""GGUF files: what they hold, and their conversion to safetensors, done once and kept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import torch
from gguf import GGUFReader, LlamaFileType
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from evaluators.models.source import SourceError, complete, digest


def weights_format(path: Path) -> str:
    """`Q4_1`, `Q4_K_M`, `F16` ...: the file type that the GGUF header names.

    Raises:
        SourceError: not a GGUF file, or its header names none.
    """
    try:
        field = GGUFReader(path).fields.get("general.file_type")
        name = LlamaFileType(int(field.contents())).name if field else None
    except (ValueError, OSError, IndexError) as error:
        raise SourceError(f"{path.name} is not a GGUF file, or is cut short") from error
    if name is None:
        raise SourceError(f"{path.name} does not say its quantisation (general.file_type)")
    return name.removeprefix("MOSTLY_").removeprefix("ALL_")


def converted(path: Path, cache: Path, *, head: bool = False) -> Path:
    """A folder with the file's weights as float32 safetensors, its config and its tokenizer.

    head: with the language-model head; where that is the embedding again, the folder without one
    has it already.

    Raises:
        SourceError: an architecture that transformers cannot read from GGUF.
    """
    name, kind = digest(path), AutoModel
    target = cache / "converted" / name
    if head:
        plain = converted(path, cache)
        if AutoConfig.from_pretrained(plain, trust_remote_code=False).tie_word_embeddings:
            return plain
        target, kind = cache / "converted" / f"{name}-head", AutoModelForCausalLM
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    where = {"gguf_file": path.name, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(path.parent, **where)
        if config.is_encoder_decoder:
            raise SourceError(
                f"{path.name} is an encoder-decoder model ({config.model_type}), which is not read "
                "from GGUF here; take its safetensors"
            )
        loaded, found = kind.from_pretrained(
            path.parent, dtype=torch.float32, output_loading_info=True, **where
        )
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **where)
    except SourceError:
        raise
    except (ValueError, OSError, KeyError) as error:
        raise SourceError(f"transformers cannot read {path.name}: {error}") from error
    complete(path.name, found["missing_keys"])
    # A model loaded from GGUF refuses save_pretrained; a fresh one with its weights does not.
    fresh = kind.from_config(config, dtype=torch.float32, trust_remote_code=False)
    fresh.load_state_dict(loaded.state_dict())
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".converting-"))
    try:
        fresh.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        temporary.replace(target)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not target.exists():
            raise
    return target
