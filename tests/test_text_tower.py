"""Text towers: the states are those of the whole model, and nothing else of it is in memory."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForImageTextToText, AutoTokenizer

from evaluators.embeddings import methods
from evaluators.engine import Engine
from evaluators.models import load, source, text_tower
from evaluators.models.source import SourceError
from results.giveable import USUAL
from results.settings import settings

CACHE = settings().cache
TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}
WRAPPERS = {
    "gemma3": ({}, VISION),
    "llava": ({"model_type": "llama"}, VISION | {"model_type": "clip_vision_model"}),
    "mistral3": ({"model_type": "mistral"}, VISION | {"model_type": "pixtral"}),
    "smolvlm": ({"model_type": "llama"}, VISION),
    "qwen2_5_vl": (
        {"rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2], "rope_theta": 1e4}},
        {"depth": 2, "hidden_size": 16, "num_heads": 2, "out_hidden_size": 32},
    ),
}
SENTENCES = ["All human beings are born free.", "Everyone has the right to life, liberty."]


@pytest.fixture
def wrapper(tiny, tmp_path):
    """Saves a random multimodal model of a kind, with a real tokenizer."""

    def saved(kind):
        tokenizer = AutoTokenizer.from_pretrained(tiny)
        text, vision = WRAPPERS[kind]
        text = TEXT | text | {"vocab_size": len(tokenizer), "pad_token_id": 0}
        config = AutoConfig.for_model(kind, text_config=text, vision_config=vision)
        torch.manual_seed(0)
        folder = tmp_path / kind
        model = AutoModelForImageTextToText.from_config(config, dtype=torch.float32)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return saved


def loaded(folder, **options):
    return load.load(source.find(str(folder), CACHE), CACHE, **options)


def states(model, tokenizer, **more):
    """(layers, tokens, width) of the first sentence."""
    tokens = tokenizer(SENTENCES[0], return_tensors="pt")
    inputs = {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
    with torch.inference_mode():
        return torch.stack(model(**inputs, output_hidden_states=True, **more).hidden_states)


@pytest.mark.parametrize("kind", WRAPPERS)
def test_the_states_are_those_of_the_whole_model(kind, wrapper):
    folder = wrapper(kind)
    tower = loaded(folder)
    whole = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    expected = states(whole, tower.tokenizer)
    assert torch.equal(states(tower.model, tower.tokenizer), expected)
    assert tower.about.layers == len(expected) == 4
    assert (tower.about.hidden_size, tower.about.weights) == (32, "float32")
    text = whole.get_decoder()
    assert tower.about.parameters == text.num_parameters() < whole.num_parameters()
    assert not any("vis" in name for name, _ in tower.model.named_modules())


@pytest.mark.parametrize("kind", WRAPPERS)
def test_the_engine_hooks_the_blocks_of_the_text_tower(kind, wrapper):
    tower = loaded(wrapper(kind))
    engine = Engine(tower, methods(USUAL), 512)
    found = engine.embed(SENTENCES).vectors["last-token@1"]
    assert engine.hidden_states.checked and engine.hidden_states.blocks is not None
    assert len(found) == 4
    expected = states(tower.model, tower.tokenizer)[:, 0, -1].numpy()
    for layer, vectors in enumerate(found):
        assert vectors[0] == pytest.approx(expected[layer], abs=1e-5)


@pytest.mark.parametrize("other_names", [False, True])
def test_a_tower_that_lacks_a_block_is_refused(wrapper, other_names, monkeypatch):
    if other_names:
        monkeypatch.setattr(text_tower, "WRAPPED", {"^nowhere": "x"})
    folder = wrapper("gemma3")
    drop(folder, "layers.1.mlp.up_proj")
    with pytest.raises(SourceError, match=r"lack 1 tensors, first layers\.1\.mlp\.up_proj"):
        loaded(folder)


def test_a_vision_tower_that_lacks_tensors_does_not_matter(wrapper):
    folder = wrapper("gemma3")
    expected = loaded(folder)
    expected = states(expected.model, expected.tokenizer)
    drop(folder, "vision_tower")
    tower = loaded(folder)
    assert torch.equal(states(tower.model, tower.tokenizer), expected)


def test_tensors_under_other_names_are_found_by_the_whole_model(wrapper, monkeypatch):
    folder = wrapper("llava")
    expected = loaded(folder)
    expected = states(expected.model, expected.tokenizer)
    monkeypatch.setattr(text_tower, "WRAPPED", {"^nowhere": "x"})
    tower = loaded(folder)
    assert torch.equal(states(tower.model, tower.tokenizer), expected)
    assert not any("vis" in name for name, _ in tower.model.named_modules())


def drop(folder, part):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    kept = {name: tensor for name, tensor in tensors.items() if part not in name}
    assert len(kept) < len(tensors)
    save_file(kept, path, metadata={"format": "pt"})


def random(folder, tokenizer_of, kind, **sizes):
    """A random model of an architecture of text alone."""
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_of)
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, vocab_size=len(tokenizer), **sizes)
    AutoModel.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_an_encoder_decoder_model_is_asked_no_task(tiny, tmp_path):
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}
    folder = random(tmp_path / "t5", tiny, "t5", **sizes)
    with pytest.raises(SourceError, match=r"is an encoder-decoder model \(t5\), which does not"):
        load.load_with_head(source.find(str(folder), CACHE), CACHE)


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta", "modernbert"])
def test_an_encoder_is_one_stack_of_blocks_as_well(kind, tiny, tmp_path):
    sizes = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "pad_token_id": 0,
    }
    found = loaded(random(tmp_path / kind, tiny, kind, **sizes))
    engine = Engine(found, methods(USUAL), 512)
    vectors = engine.embed(SENTENCES).vectors["weighted-mean@1"]
    assert len(vectors) == found.about.layers == 3
    alone = [engine.embed([text]).vectors["weighted-mean@1"] for text in SENTENCES]
    for layer in range(3):
        for i in range(2):
            assert vectors[layer][i] == pytest.approx(alone[i][layer][0], abs=1e-4)


@pytest.fixture
def fp8(tiny, tmp_path):
    """A random llama in fp8 blocks of 128, and the plain weights that these stand for."""
    sizes = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    folder = random(tmp_path / "plain", tiny, "llama", **sizes, **heads)
    quantised = shutil.copytree(folder, tmp_path / "fp8")
    packed, plain = {}, {}
    for name, weight in load_file(folder / "model.safetensors").items():
        packed[name], plain[name] = weight, weight.float()
        if name.endswith("_proj.weight"):
            rows, columns = weight.shape
            blocks = weight.float().reshape(rows // 128, 128, columns // 128, 128)
            scale = blocks.abs().amax((1, 3)) / 448
            small = (blocks / scale[:, None, :, None]).to(torch.float8_e4m3fn)
            packed[name] = small.reshape(rows, columns)
            packed[f"{name}_scale_inv"] = scale
            plain[name] = (small.float() * scale[:, None, :, None]).reshape(rows, columns)
    for where, tensors in ((quantised, packed), (folder, plain)):
        save_file(tensors, where / "model.safetensors", metadata={"format": "pt"})
    method = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    configure(quantised, quantization_config=method)
    return quantised, folder


def configure(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_fp8_weights_are_refused_unless_the_board_runs_quantised_models(fp8):
    with pytest.raises(SourceError, match=r"local:fp8 is quantised \(fp8\)"):
        loaded(fp8[0])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_fp8_weights_are_computed_with_in_the_dtype_that_the_record_says(fp8, dtype):
    quantised, plain = (loaded(each, dtype=dtype, quantised="run") for each in fp8)
    assert (quantised.about.weights, quantised.about.dtype) == ("fp8", dtype)
    assert {str(each.dtype) for each in quantised.model.parameters()} == {f"torch.{dtype}"}
    assert quantised.about.parameters == plain.about.parameters
    a, b = (states(each.model, each.tokenizer) for each in (quantised, plain))
    assert torch.equal(a, b)


@pytest.mark.parametrize("method", ["awq", "gptq", "compressed-tensors", "mxfp4"])
def test_what_cannot_be_turned_into_plain_weights_is_not_run(tiny, tmp_path, method):
    folder = shutil.copytree(tiny, tmp_path / "quantised")
    configure(folder, quantization_config={"quant_method": method})
    for setting in ("refuse", "run"):
        with pytest.raises(SourceError, match="is quantised"):
            loaded(folder, quantised=setting)


@pytest.mark.parametrize("kind", WRAPPERS)
def test_with_a_head_it_is_described_as_without(kind, wrapper):
    folder = wrapper(kind)
    found = source.find(str(folder), CACHE)
    plain, headed = load.load(found, CACHE), load.load_with_head(found, CACHE)
    assert headed.about == plain.about
    last = states(plain.model, plain.tokenizer)[-1]
    tokens = headed.tokenizer(SENTENCES[0], return_tensors="pt")
    with torch.inference_mode():
        logits = headed.model(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        ).logits
        assert torch.allclose(logits, headed.model.get_output_embeddings()(last), atol=1e-5)
