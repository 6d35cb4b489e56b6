"""Which files are the model, told by their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.model_files import (
    NoWeights,
    choose,
    ggufs,
    has_tokenizer,
    ordinary,
    safetensors,
)

SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (["model.safetensors", "consolidated.safetensors"], ["model.safetensors"]),
        ([INDEX, *SHARDS, "model.fp16.safetensors"], SHARDS),
        (["model.safetensors", INDEX, *SHARDS], ["model.safetensors"]),
        (SHARDS, []),
        ([INDEX, "onnx/" + SHARDS[0]], []),
        (["consolidated.safetensors"], []),
    ],
)
def test_the_safetensors_files_that_transformers_reads(names, read):
    assert safetensors(names) == read


def test_odd_names_are_left_out():
    odd = ["../x.gguf", "a/./b.gguf", "<b>.gguf", "a\nb.gguf", "\ud800.gguf", "x" * 200, "/a", ""]
    assert ordinary([*odd, "q/[a]-Q4_0.gguf"]) == ["q/[a]-Q4_0.gguf"]


def test_gguf_files_of_other_towers_are_left_out():
    assert ggufs(["b.gguf", "mmproj-F16.gguf", "q/mmproj-b.gguf", "a.gguf"]) == ["a.gguf", "b.gguf"]


def test_a_long_choice_is_cut_short():
    names = [f"m{i}-Q4_0.gguf" for i in range(9)]
    with pytest.raises(NoWeights, match=r"m5-Q4_0\.gguf and 3 more"):
        choose("org/name", names, None)


def test_of_one_whole_and_one_split_file_the_whole_is_chosen():
    assert choose("a/b", ["m-Q8_0-00001-of-00002.gguf", "m-Q4_0.gguf"], None) == "m-Q4_0.gguf"


@pytest.mark.parametrize(
    ("names", "there"),
    [
        (["tokenizer.json"], True),
        (["vocab.json", "merges.txt"], True),
        (["merges.txt"], False),
        (["vocab.txt"], True),
        (["sub/tokenizer.json"], False),
    ],
)
def test_tokenizers(names, there):
    assert has_tokenizer(names) == there


@given(st.lists(st.text(max_size=30)), st.none() | st.text(max_size=300))
def test_arbitrary_names_raise_nothing_but_no_weights(names, file):
    try:
        choose("org/name", names, file)
    except NoWeights as error:
        assert len(str(error)) < 700
