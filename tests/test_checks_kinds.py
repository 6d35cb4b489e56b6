"""The door: folders of sentence-transformers and static embedders."""

import json

import pytest
from door import WHOLE, reader, refusal, repo

from leaderboard.checks import check

__all__ = ["reader", "repo"]

OWN = "sentence_transformers.models."
FOLDER = (*WHOLE, "modules.json", "1_Pooling/config.json")


def listed(folder, *modules):
    rows = [{"idx": i, "name": str(i), "path": p, "type": t} for i, (t, p) in enumerate(modules)]
    (folder / "modules.json").write_text(json.dumps(rows))
    return folder


def test_an_embedder_s_folder_is_its_transformer(hub, repo):
    modules = [(f"{OWN}Transformer", ""), (f"{OWN}Pooling", "1_Pooling"), (f"{OWN}Normalize", "2")]
    sha = hub.add("org/name", listed(repo(*FOLDER, model_type="bert"), *modules))
    found = check("org/name", "float32").model
    assert (found.architecture, found.parameters, found.weights) == ("bert", 73, "bfloat16")
    assert [path for _, path, _ in hub.requests if "org/name" in path] == [
        "/api/models/org/name",
        f"/org/name/resolve/{sha}/modules.json",
    ]


def test_a_transformer_in_a_folder_of_its_own(hub, repo):
    inside = [f"0_Transformer/{name}" for name in WHOLE]
    folder = repo("modules.json", "1_Pooling/config.json", *inside, model_type="bert")
    modules = [(f"{OWN}Transformer", "0_Transformer"), (f"{OWN}Pooling", "1_Pooling")]
    hub.add("org/name", listed(folder, *modules))
    found = check("org/name", "float32").model
    assert (found.architecture, found.parameters) == ("bert", 73)
    assert check("org/name", "float32", revision=found.revision).model == found


@pytest.mark.parametrize("inside", ["", "0_StaticEmbedding"])
def test_a_static_embedder(hub, repo, inside):
    names = [f"{inside}/{name}".strip("/") for name in ("model.safetensors", "tokenizer.json")]
    hub.add("org/name", listed(repo("modules.json", *names), (f"{OWN}StaticEmbedding", inside)))
    found = check("org/name", "float32").model
    assert (found.architecture, found.parameters) == ("model2vec", 73)


def test_a_model2vec_folder(hub, repo):
    hub.add("org/name", repo(*WHOLE, model_type="model2vec"))
    assert check("org/name", "float32").model.architecture == "model2vec"


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        (
            [("custom_st.Transformer", "")],
            "org/name needs the module “custom_st.Transformer”, which is not one of "
            "sentence-transformers' own",
        ),
        (
            [(f"{OWN}Transformer", ""), (f"{OWN}CNN", "1_CNN")],
            "org/name has the sentence-transformers module “CNN” where only Pooling, Dense",
        ),
        ([(f"{OWN}Transformer", "")], "org/name has a modules.json without pooling"),
        ([(f"{OWN}Transformer", "../other")], "names a folder outside its own"),
        ([(f"{OWN}<script>", "")], "has the sentence-transformers module “script”"),
        ([], "org/name has a modules.json that names 0 modules"),
    ],
)
def test_folders_that_are_not_followed(hub, repo, modules, said):
    hub.add("org/name", listed(repo(*FOLDER, model_type="bert"), *modules))
    assert said in refusal("org/name")


def test_a_module_that_is_pickled(hub, repo):
    folder = repo(*FOLDER, "2_Dense/config.json", "2_Dense/pytorch_model.bin", model_type="bert")
    modules = [
        (f"{OWN}Transformer", ""),
        (f"{OWN}Pooling", "1_Pooling"),
        (f"{OWN}Dense", "2_Dense"),
    ]
    hub.add("org/name", listed(folder, *modules))
    assert refusal("org/name").startswith("org/name keeps its module 2_Dense pickled.")


@pytest.mark.parametrize("content", [b"{", b"[" * 60_000, b"\xff", b"[1]", b'[{"type": 1}]'])
def test_modules_that_cannot_be_read(hub, repo, content):
    folder = repo(*FOLDER, model_type="bert")
    (folder / "modules.json").write_bytes(content)
    hub.add("org/name", folder)
    assert "has a modules.json that cannot be read" in refusal("org/name")


def test_a_closed_repo_whose_modules_cannot_be_read_is_taken_as_its_transformer(hub, repo, reader):
    hub.add("org/name", repo(*FOLDER, model_type="bert"), gated="manual")
    found = check("org/name", "float32", **reader)
    assert (found.state, found.model.architecture) == ("gated", "bert")
