"""The door for GGUF files: which one is meant, what its name and the Hub say of it."""

import json

import pytest
from door import WHOLE, refusal, repo

from leaderboard.checks import check

__all__ = ["repo"]


def test_several_gguf_files(hub, repo):
    hub.add("org/quants", repo("m-Q4_0.gguf", "m-Q8_0.gguf"))
    assert refusal("org/quants") == (
        "org/quants has several GGUF files: choose one of m-Q4_0.gguf, m-Q8_0.gguf."
    )


def test_a_gguf_file_whose_name_does_not_say_its_quantisation(hub, repo):
    hub.add("org/quants", repo("model.gguf"))
    assert "The name of model.gguf does not say its quantisation" in refusal("org/quants")


@pytest.mark.parametrize("named", [True, False])
def test_a_split_gguf_file(hub, repo, named):
    parts = [f"m-Q8_0-0000{i}-of-00003.gguf" for i in (1, 2, 3)]
    hub.add("org/quants", repo(*parts))
    said = refusal("org/quants", file=parts[1] if named else "")
    assert said.startswith(f"{parts[1 if named else 0]} is one part of a split GGUF file")


def test_the_vision_part_of_a_gguf_repo_is_no_choice(hub, repo):
    hub.add("org/quants", repo("m-Q8_0.gguf", "mmproj-F16.gguf"))
    assert check("org/quants", "float32").model.file == "m-Q8_0.gguf"


def test_a_gguf_file_says_its_architecture_and_parameters(hub, repo):
    answer = {"id": "org/name", "sha": "0" * 40, "siblings": [{"rfilename": "m-Q8_0.gguf"}]}
    for kind, said in (
        ("nosuch", "does not read GGUF files of the architecture “nosuch”"),
        ("t5", "is an encoder-decoder model (t5)"),
    ):
        hub.fail(200, body=json.dumps(answer | {"gguf": {"architecture": kind}}))
        assert said in refusal("org/name")
    hub.fail(200, body=json.dumps(answer | {"gguf": {"architecture": "qwen2moe", "total": 5}}))
    found = check("org/name", "float32").model
    assert (found.architecture, found.parameters) == ("qwen2moe", 5)


@pytest.mark.parametrize(
    ("file", "weights"),
    [
        ("model-Q4_K_M.gguf", "Q4_K_M"),
        ("model.q8_0.gguf", "Q8_0"),
        ("model-IQ2_XXS.gguf", "IQ2_XXS"),
        ("model_BF16.gguf", "BF16"),
        ("Q4_K_M.gguf", "Q4_K_M"),
        ("quants/Q5_1.gguf", "Q5_1"),
    ],
)
def test_the_only_gguf_file_is_chosen_and_its_name_tells_the_weights(hub, repo, file, weights):
    hub.add("org/quants", repo(file, "README.md"))
    found = check("org/quants", "float32").model
    assert (found.file, found.weights, found.parameters) == (file, weights, None)


def test_of_several_gguf_files_the_one_that_was_named(hub, repo):
    hub.add("org/both", repo(*WHOLE, "m-Q4_0.gguf", "m-Q8_0.gguf"))
    assert check("org/both", "float32", file="m-Q8_0.gguf").model.weights == "Q8_0"
    assert check("org/both", "float32").model.file is None
