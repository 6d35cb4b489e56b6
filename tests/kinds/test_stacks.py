"""A random tiny model of each architecture is loaded and run: its states, batched as one by one."""

import numpy as np
import pytest
import torch
from kinds_tools import (
    PAIRS,
    STACKS,
    TEXTS,
    UNREADABLE,
    WRAPPERS,
    check_batches,
    check_giveable,
    configure,
    embedded,
    loaded,
    saved,
)
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoModelForSeq2SeqLM,
    AutoModelForTextEncoding,
)

from evaluators import exits
from evaluators.models import load, source, stack
from evaluators.models.positions import positions
from evaluators.models.source import SourceError
from results import architectures


@pytest.mark.parametrize("kind", STACKS)
def test_the_states_of_each_kind(kind, words, tmp_path):
    found = loaded(saved(tmp_path / kind, words, kind, STACKS[kind]), tmp_path)
    assert found.about.architecture == kind
    assert found.about.layers == found.model.config.num_hidden_layers + 1
    assert (found.about.hidden_size, found.whole, found.own) == (32, None, None)
    assert found.about.parameters == found.model.num_parameters()
    check_batches(found, found.about.layers)
    check_giveable(found)


def test_a_router_that_is_named_twice_is_read_once(words, tmp_path):
    """JetMoe routes in its attention too, and transformers names that router and its owner."""
    found = loaded(saved(tmp_path / "jetmoe", words, "jetmoe", STACKS["jetmoe"]), tmp_path)
    (routing,) = embedded(found, TEXTS, ["moe-routing"]).vectors["moe-routing@1"]
    blocks, routers, experts = 2, 2, 4
    assert routing.shape[1] == blocks * routers * experts


@pytest.mark.parametrize("kind", ["gpt2", "opt", "bloom", "mixtral", "mamba", "jamba"])
def test_with_its_head_a_model_is_described_as_without(kind, words, tmp_path):
    folder = saved(tmp_path / kind, words, kind, STACKS[kind], AutoModelForCausalLM)
    headed = load.load_with_head(source.find(str(folder), tmp_path), tmp_path)
    assert headed.about == loaded(folder, tmp_path).about


@pytest.mark.parametrize("kind", WRAPPERS)
def test_of_a_multimodal_model_the_text_tower_is_read(kind, words, tmp_path):
    text, vision = WRAPPERS[kind]
    sizes = {"text_config": text, "vision_config": vision}
    folder = saved(tmp_path / kind, words, kind, sizes, AutoModelForImageTextToText)
    found = loaded(folder, tmp_path)
    assert found.about.architecture == f"{kind}_text"
    assert found.about.layers == 3
    assert not any("vis" in name for name, _ in found.model.named_modules())
    check_batches(found, 3)
    check_giveable(found)


@pytest.mark.parametrize("kind", PAIRS)
def test_an_encoder_decoder_is_read_by_its_encoder(kind, words, tmp_path):
    folder = saved(tmp_path / kind, words, kind, PAIRS[kind], AutoModelForSeq2SeqLM)
    found = loaded(folder, tmp_path)
    assert found.about.architecture == kind
    assert (found.about.layers, found.about.hidden_size) == (3, 32)
    whole = AutoModel.from_pretrained(folder)
    assert found.about.parameters == whole.num_parameters() == found.whole.num_parameters()
    check_batches(found, 3)
    check_giveable(found)
    tokens = words(TEXTS[0], return_tensors="pt")
    inputs = {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
    for name, buffer in whole.named_parameters():
        assert torch.equal(buffer, found.whole.get_parameter(name)), name
    start = torch.tensor([[found.whole.config.decoder_start_token_id]])
    with torch.inference_mode():
        expected = whole(**inputs, decoder_input_ids=start, output_hidden_states=True)
        states = found.model(**inputs, output_hidden_states=True).hidden_states
    for a, b in zip(states, expected.encoder_hidden_states, strict=True):
        assert torch.equal(a, b)


def test_an_encoder_alone_of_an_encoder_decoder(words, tmp_path):
    folder = saved(tmp_path / "t5", words, "t5", PAIRS["t5"], AutoModelForTextEncoding)
    found = loaded(folder, tmp_path)
    assert (found.about.architecture, found.about.layers, found.whole) == ("t5", 3, None)
    check_batches(found, 3)


def test_a_decoder_that_is_missing_is_not_filled_in_with_random_numbers(words, tmp_path):
    folder = saved(tmp_path / "t5", words, "t5", PAIRS["t5"], AutoModelForTextEncoding)
    configure(folder, architectures=["T5ForConditionalGeneration"])
    with pytest.raises(SourceError, match=r"local:t5 lack \d+ tensors, first decoder\.block"):
        loaded(folder, tmp_path)


def test_a_start_token_that_only_the_generation_settings_say(words, tmp_path):
    folder = saved(tmp_path / "t5", words, "t5", PAIRS["t5"], AutoModelForSeq2SeqLM)
    configure(folder, decoder_start_token_id=None)
    configure(folder, "generation_config.json", decoder_start_token_id=7)
    assert loaded(folder, tmp_path).whole.config.decoder_start_token_id == 7


def test_states_that_padding_changes_are_refused_unless_texts_go_one_by_one(
    words, tmp_path, monkeypatch
):
    folder = saved(tmp_path / "fnet", words, "fnet", STACKS["fnet"])
    assert loaded(folder, tmp_path).about.layers == 3
    monkeypatch.setattr(stack, "ONE_BY_ONE", frozenset())
    with pytest.raises(SourceError, match=r"local:fnet \(fnet\) change with the length of other"):
        loaded(folder, tmp_path)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_layer_by_layer_is_refused(kind, words, tmp_path):
    folder = saved(tmp_path / kind, words, kind, UNREADABLE[kind])
    with pytest.raises(
        SourceError, match=r"do not keep one state a token|not run over plain te"
    ) as it:
        loaded(folder, tmp_path)
    assert "\n" not in str(it.value)
    assert exits.kind(it.value) == "unknown architecture"
    assert kind in architectures.UNREADABLE or architectures.kind(kind) == "other"


def test_what_the_door_says_cannot_be_read_is_tried_here():
    wrappers = {each for each in architectures.UNREADABLE if architectures.kind(each) == "wrapper"}
    assert architectures.UNREADABLE - wrappers <= set(UNREADABLE)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_a_padding_token_that_the_model_does_not_know_is_not_used(kind, words, tmp_path):
    sizes = (STACKS | PAIRS)[kind] | {"vocab_size": len(words)}
    folder = saved(tmp_path / kind, words, kind, sizes)
    names = ["weighted-mean", *(["decoder-first"] if kind in PAIRS else [])]
    expected = embedded(loaded(folder, tmp_path), TEXTS, names).vectors
    configure(folder, "tokenizer_config.json", pad_token="[PAD]")  # noqa: S106
    found = loaded(folder, tmp_path)
    assert found.tokenizer.pad_token_id >= found.model.get_input_embeddings().num_embeddings
    for method, layers in embedded(found, TEXTS, names).vectors.items():
        for a, b in zip(layers, expected[method], strict=True):
            assert np.abs(a - b).max() <= 1e-6 * np.abs(b).max()


def test_a_long_first_state_hides_no_other_of_stand_in_states(words, tmp_path, monkeypatch):
    folder = saved(tmp_path / "llama", words, "llama", STACKS["llama"])
    found = loaded(folder, tmp_path, dtype="bfloat16")

    def states(model, rows, pad):
        torch.manual_seed(len(rows))
        made = torch.randn(len(rows), max(map(len, rows)), 32)
        made[:, 0] = 1000.0
        return (made,) * 3

    monkeypatch.setattr(stack, "_states", states)
    with pytest.raises(SourceError, match="change with the length of other texts"):
        stack.check("local:llama", found.model, found.tokenizer)


def test_states_beyond_the_numbers_of_the_compute_dtype_are_refused(words, tmp_path):
    folder = saved(tmp_path / "llama", words, "llama", STACKS["llama"])
    tensors = load_file(folder / "model.safetensors")
    (name,) = (each for each in tensors if each.endswith("layers.0.mlp.down_proj.weight"))
    tensors[name] *= 1e8
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    assert loaded(folder, tmp_path, dtype="bfloat16")
    with pytest.raises(SourceError, match="no numbers in float16: ask for bfloat16 or float32"):
        loaded(folder, tmp_path, dtype="float16")
    tensors[name][0, 0] = float("nan")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(SourceError, match=r"are infinite or no numbers in float32$"):
        loaded(folder, tmp_path)


def test_a_tokenizer_of_another_model(words, tmp_path):
    folder = saved(tmp_path / "llama", words, "llama", STACKS["llama"] | {"vocab_size": 100})
    with pytest.raises(SourceError, match="ids go beyond the 100 that the model knows"):
        loaded(folder, tmp_path)


@pytest.mark.parametrize(("kind", "longest"), [("bert", 130), ("xlm-roberta", 129), ("opt", 128)])
def test_the_longest_text_is_what_the_table_of_positions_holds(kind, longest, words, tmp_path):
    found = loaded(saved(tmp_path / kind, words, kind, STACKS[kind]), tmp_path)
    assert positions(found.model, found.tokenizer) == longest
    ids = torch.full((1, longest + 1), 5)
    with torch.inference_mode():
        assert torch.isfinite(found.model(input_ids=ids[:, 1:]).last_hidden_state).all()
        with pytest.raises((IndexError, RuntimeError)):
            found.model(input_ids=ids)


@pytest.mark.parametrize("kind", ["t5", "mbart", "t5gemma"])
def test_the_decoder_s_state_at_its_first_token(kind, words, tmp_path):
    found = loaded(saved(tmp_path / kind, words, kind, PAIRS[kind]), tmp_path)
    layers = embedded(found, TEXTS, ["decoder-first"]).vectors["decoder-first@1"]
    whole = AutoModel.from_pretrained(tmp_path / kind)
    start = torch.tensor([[found.whole.config.decoder_start_token_id]])
    for i, text in enumerate(TEXTS):
        ids = words(text, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            out = whole(input_ids=ids, decoder_input_ids=start, output_hidden_states=True)
        for layer, state in zip(layers, out.decoder_hidden_states, strict=True):
            assert layer[i] == pytest.approx(state[0, 0].numpy(), abs=1e-5)
    check_batches(found, 4, ["decoder-first"])


def test_layers_of_several_widths_are_not_averaged(words, tmp_path):
    found = loaded(saved(tmp_path / "opt", words, "opt", STACKS["opt"]), tmp_path)
    assert found.widths == (32, 32, 16)
    for name in ("layer-average", "whitened-first-last"):
        said = rf"embedding method {name}: the layers of local:opt are 16 and 32 numbers wide, and"
        with pytest.raises(ValueError, match=said):
            embedded(found, TEXTS, [name])


def test_what_has_no_decoder_or_says_no_first_token_lacks_that_method(words, tmp_path):
    alone = loaded(saved(tmp_path / "llama", words, "llama", STACKS["llama"]), tmp_path)
    with pytest.raises(ValueError, match="decoder-first: local:llama is no encoder-decoder"):
        embedded(alone, TEXTS, ["decoder-first"])
    sizes = PAIRS["t5"] | {"decoder_start_token_id": None, "bos_token_id": None}
    silent = loaded(saved(tmp_path / "t5", words, "t5", sizes), tmp_path)
    with pytest.raises(ValueError, match="does not say which token its decoder starts with"):
        embedded(silent, TEXTS, ["decoder-first"])
    with pytest.raises(ValueError, match="is no sentence-transformers folder"):
        embedded(silent, TEXTS, ["own"])
