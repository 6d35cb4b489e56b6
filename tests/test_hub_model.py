"""What the Hub says of a model: whole, half said or nothing at all, each has its message."""

import json

import pytest
from door import UNREACHABLE, WHOLE, reader, refusal, repo, without_summary
from examples import examples
from huggingface_hub import constants
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from leaderboard import hub_model
from leaderboard.checks import Refused, check

__all__ = ["reader", "repo"]


def test_no_such_revision(hub, repo):
    hub.add("org/name", repo(*WHOLE))
    assert refusal("org/name", revision="v9") == "org/name has no revision “v9”."
    assert refusal("org/name", revision="0" * 40) == f"org/name has no revision “{'0' * 40}”."


def test_without_a_config(hub, repo):
    hub.add("org/name", repo("model.safetensors", "tokenizer.json"))
    assert refusal("org/name") == ("org/name has no config.json, so its architecture is not known.")


def test_a_model_that_the_hub_has_not_read_yet_is_read_by_its_headers(hub, repo):
    sha = hub.add("org/name", repo(*WHOLE))
    without_summary(hub, sha, WHOLE)
    found = check("org/name", "float32").model
    assert (found.architecture, found.parameters, found.weights) == ("llama", 73, "bfloat16")
    assert found.size == 70 * 2 + 3 * 4
    assert [path for _, path, _ in hub.requests] == [
        "/api/models/org/name",
        f"/org/name/resolve/{sha}/config.json",
        f"/org/name/resolve/{sha}/model.safetensors",
    ]


def test_headers_of_several_files_are_added_up_and_too_many_are_not_read(hub, repo):
    shards = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    names = ("config.json", "model.safetensors.index.json", "tokenizer.json", *shards)
    sha = hub.add("org/name", repo(*names))
    without_summary(hub, sha, names)
    assert check("org/name", "float32").model.parameters == 146
    many = [f"model-{i:05}-of-00065.safetensors" for i in range(65)]
    hub.heal()
    without_summary(hub, sha, (*names, *many))
    assert "and it has 67 weight files; try again later." in refusal("org/name")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff" * 20, (9).to_bytes(8, "little") + b"[[[[[[[[["]
)
def test_a_header_that_cannot_be_read(hub, repo, content):
    folder = repo(*WHOLE)
    (folder / "model.safetensors").write_bytes(content)
    sha = hub.add("org/name", folder)
    without_summary(hub, sha, WHOLE)
    assert refusal("org/name").startswith(
        ("model.safetensors of org/name has no", "The Hub cannot")
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b'{"model_type": 1}']
)
def test_a_config_that_cannot_be_read(hub, repo, content):
    folder = repo(*WHOLE)
    sha = hub.add("org/name", folder)
    without_summary(hub, sha, WHOLE)
    hub.fail(200, "/config.json", body=content.decode("latin-1"))
    assert "config.json of org/name cannot be read, or names no model_type" in refusal("org/name")


def test_a_config_too_large_to_be_one_is_not_fetched(hub, repo):
    siblings = [{"rfilename": name, "size": 1 << 20} for name in WHOLE]
    answer = {"id": "org/name", "sha": "0" * 40, "siblings": siblings}
    hub.fail(200, "/api/models/", body=json.dumps(answer))
    assert refusal("org/name") == "The config.json of org/name is too large to be one."
    assert len(hub.requests) == 1


def test_the_size_is_that_of_the_files_that_are_loaded(hub, repo):
    sizes = {"config.json": 10, "model.safetensors": 400, "pytorch_model.bin": 999, "vocab.txt": 5}
    answer = {
        "id": "org/name",
        "sha": "0" * 40,
        "siblings": [{"rfilename": name, "size": size} for name, size in sizes.items()],
        "config": {"model_type": "llama"},
        "safetensors": {"parameters": {"F32": 100}, "total": 100},
    }
    hub.fail(200, "/api/models/", body=json.dumps(answer))
    assert check("org/name", "float32").model.size == 400


@pytest.mark.parametrize(
    ("card", "licence", "base"),
    [
        ({"license": "mit", "base_model": "org/base"}, "mit", "org/base"),
        (
            {"license": ["mit", "apache-2.0"], "base_model": ["a/b", "c/d"]},
            "mit, apache-2.0",
            "a/b",
        ),
        ({"license": "other", "license_name": "gemma"}, "other (gemma)", None),
        ({"license": "<b>x</b>\n\u202e\ud800" + "y" * 999}, "bx/b" + "y" * 69, None),
        ({"license": {"a": 1}, "base_model": ["../..", "<b>", 7, "org/base"]}, None, "org/base"),
        ({"license": "", "base_model": "https://example.org/x"}, None, None),
        (None, None, None),
    ],
)
def test_licence_and_base_model_are_kept_cleaned(hub, repo, card, licence, base):
    hub.add("org/name", repo(*WHOLE), card=card)
    found = check("org/name", "float32").model
    assert (found.licence, found.base_model) == (licence, base)


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
    monkeypatch.setattr(hub_model, "TIMEOUT", 0.1)
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


KEYS = st.sampled_from(
    ["model_type", "auto_map", "quantization_config", "quant_method", "text_config", "license"]
) | st.sampled_from(["base_model", "BF16", "parameters", "total", "architecture", "self"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -1, 1 << 62])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["llama", "gemma3", "\ud800", "<script>", "x" * 5000, "org/name"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
SOUND = {
    "id": "org/name",
    "sha": "0" * 40,
    "private": False,
    "gated": False,
    "disabled": False,
    "config": {"model_type": "llama"},
    "cardData": {"license": "mit"},
    "safetensors": {"parameters": {"BF16": 70}, "total": 70},
    "siblings": [{"rfilename": name, "size": 70} for name in WHOLE],
    "gguf": None,
}


@st.composite
def answers(draw):
    """A sound answer of the Hub with some of its values replaced by anything."""
    spoiled = draw(st.lists(st.sampled_from(sorted(SOUND)), max_size=3))
    answer = SOUND | {key: draw(JSON) for key in spoiled}
    if draw(st.booleans()):
        files = draw(st.lists(st.text(max_size=12) | st.sampled_from([*WHOLE, "m-Q8_0.gguf"])))
        answer["siblings"] = [{"rfilename": name, "size": draw(JSON)} for name in files]
    return answer if draw(st.integers(0, 9)) else draw(JSON)


def test_whatever_the_hub_answers_ends_in_checked_or_refused(hub, reader):
    ends = {"checked": 0, "refused": 0, "unreachable": 0}

    @profile(max_examples=examples(400), suppress_health_check=list(HealthCheck))
    @given(answers(), JSON | st.just({"model_type": "llama"}), st.sampled_from(["", "v1"]))
    def holds(answer, config, revision):
        hub.heal()
        hub.fail(200, "/api/models/", body=json.dumps(answer))
        hub.fail(200, "/resolve/", body=json.dumps(config))
        try:
            found = check("org/name", "float32", revision, **reader, gpu_memory=1.0)
        except Refused as refused:
            assert 0 < len(str(refused)) < 1000
            ends["unreachable" if str(refused) == UNREACHABLE else "refused"] += 1
        else:
            found.model.model_dump_json().encode()
            ends["checked"] += 1

    holds()
    assert min(ends.values()) > 10, ends
