"""`python -m leaderboard host` by the real client, against a Hub on this machine."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from host_tools import BOARD, BOSS, DATASETS, ROOT, host, nothing_was_made, written
from hub_corpora import CANARY, flores
from hub_corpora import READER as CORPUS_READER
from hub_server import Hub
from huggingface_hub import DatasetCard
from test_export import add, model

from evaluators import corpora
from leaderboard import __main__ as command
from leaderboard import space_files
from results.corpora import Card, write_card
from results.repo import SHIPPED, Repo, check


def test_one_command_makes_the_space_and_both_datasets(lab: Hub) -> None:
    code, said = host()
    assert code == 0, said
    assert set(lab.spaces) == {"lab/board"}
    assert set(lab.datasets) == set(DATASETS)
    space = lab.spaces["lab/board"]
    assert space.sdk == "gradio"
    assert space.variables == {"MEXA_LAUNCHER": "none", "MEXA_REPO": "lab/board"}
    assert space.secrets == {"MEXA_TOKEN": BOARD}
    assert "python -m evaluators work --repo lab/board" in said
    assert f"{lab.address}/spaces/lab/board" in said
    files = space.files()
    assert files["README.md"] == (ROOT / "README.md").read_bytes()
    assert set(files) == {*space_files.needed(), ".gitattributes"}
    assert {"app.py", "requirements.txt", "leaderboard/site.py"} <= set(files)
    for content in [
        *files.values(),
        *(c for r in lab.datasets.values() for c in r.files().values()),
    ]:
        assert b"CANARY" not in content


def test_the_results_dataset_begins_with_the_records_and_a_table_of_them(
    whole_lab: Hub, tmp_path: Path
) -> None:
    host()
    files = whole_lab.datasets["lab/board-results"].files()
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert check(tmp_path) == []
    ours = {path.relative_to(SHIPPED) for path in Repo(SHIPPED).paths()}
    assert {path.relative_to(tmp_path) for path in Repo(tmp_path).paths()} == ours
    scores = pd.read_parquet(io.BytesIO(files["scores/scores.parquet"]))
    assert set(scores["model"]) == {each.model.id for _, each in Repo(SHIPPED).records()}
    card = DatasetCard(files["README.md"].decode())
    shown = {each["config_name"]: each["data_files"] for each in card.data.configs}
    assert shown == {"scores": "scores/scores.parquet", "corpora": "corpora/*.parquet"}
    assert "`tokens_ratio`" in card.text


def test_again_changes_nothing(lab: Hub) -> None:
    assert host()[0] == 0
    heads = {id: repo.head.id for each in (lab.spaces, lab.datasets) for id, repo in each.items()}
    lab.requests.clear()
    code, said = host()
    assert code == 0, said
    assert "everything is already so" in said
    assert written(lab) == []
    assert heads == {
        id: repo.head.id for each in (lab.spaces, lab.datasets) for id, repo in each.items()
    }


def test_again_updates_what_differs_and_keeps_what_others_wrote(lab: Hub, tmp_path: Path) -> None:
    host()
    space, results = lab.spaces["lab/board"], lab.datasets["lab/board-results"]
    space.commit({"app.py": b"old", "results/gone.py": b"old", "notes.txt": b"the lab's"})
    space.variables["MEXA_LAUNCHER"] = "hf-jobs"
    results.commit({"README.md": b"the lab's own card", "leases/x.json": b"{}"})
    add(tmp_path, model("org/other"), {"fra_Latn": 0.5})
    code, said = host("--results", tmp_path, "--set", "MEXA_DTYPE=bfloat16")
    assert code == 0, said
    files = space.files()
    assert files["app.py"] == (ROOT / "app.py").read_bytes()
    assert "results/gone.py" not in files
    assert files["notes.txt"] == b"the lab's"
    assert space.variables == {
        "MEXA_LAUNCHER": "hf-jobs",
        "MEXA_REPO": "lab/board",
        "MEXA_DTYPE": "bfloat16",
    }
    kept = results.files()
    assert kept["README.md"] == b"the lab's own card"
    assert kept["leases/x.json"] == b"{}"
    scores = pd.read_parquet(io.BytesIO(kept["scores/scores.parquet"]))
    assert set(scores["model"]) == {"org/model", "org/other"}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(lab: Hub) -> None:
    code, said = host("--dry-run", "--hardware", "cpu-upgrade")
    assert code == 0, said
    assert nothing_was_made(lab)
    assert written(lab) == []
    for what in (
        "create the Space lab/board on cpu-upgrade",
        "create the dataset lab/board-results",
    ):
        assert f"would {what}" in said
    assert "would set the secret MEXA_TOKEN" in said


def test_private_and_hardware_are_passed_on(lab: Hub) -> None:
    host("--private", "--hardware", "cpu-upgrade")
    assert lab.spaces["lab/board"].hardware == "cpu-upgrade"
    assert all(each.private for each in [*lab.spaces.values(), *lab.datasets.values()])
    lab.requests.clear()
    host("--hardware", "cpu-upgrade")
    assert written(lab) == []
    host("--hardware", "t4-small")
    assert lab.spaces["lab/board"].hardware == "t4-small"


def test_a_secret_that_is_there_is_set_again_only_when_asked(
    lab: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    host()
    lab.tokens["hf_newCANARY"] = lab.tokens[BOARD]
    monkeypatch.setenv("MEXA_TOKEN", "hf_newCANARY")
    host()
    assert lab.spaces["lab/board"].secrets == {"MEXA_TOKEN": BOARD}
    host("--renew-secrets")
    assert lab.spaces["lab/board"].secrets == {"MEXA_TOKEN": "hf_newCANARY"}


def test_without_a_token_for_the_space_it_says_how_to_give_one(
    lab: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEXA_TOKEN")
    code, said = host()
    assert code == 0, said
    assert lab.spaces["lab/board"].secrets == {}
    assert "takes no submissions" in said
    assert "MEXA_TOKEN=... python -m leaderboard host lab/board" in said


def test_a_token_that_may_not_write_to_the_datasets_is_named(lab: Hub) -> None:
    lab.tokens[BOARD]["repos"] = DATASETS[:1]
    code, said = host()
    assert code == 0, said
    assert "MEXA_TOKEN may not write to lab/board-requests" in said


def test_an_empty_repo_of_that_name_is_taken(lab: Hub) -> None:
    lab.create("lab/board", "space", {"README.md": b"---\nsdk: gradio\n---\n"}, sdk="gradio")
    code, said = host()
    assert code == 0, said
    assert "app.py" in lab.spaces["lab/board"].files()


def test_only_public_text_is_published(lab: Hub, tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    for name, public in (("open", True), ("closed", False)):
        card = {"schema_version": 1, "name": name, "split": None, "hash": "b" * 64, "n": 1}
        card |= {"licence": "x", "text_public": public, "languages": [], "left_out": []}
        path = write_card(Card.model_validate(card | {"warnings": []}), tmp_path)
        path.with_suffix(".parquet").write_bytes(name.encode())
    (tmp_path / "corpora" / f"stray-{'c' * 12}.parquet").write_bytes(b"no card")
    host("--results", tmp_path)
    names = lab.datasets["lab/board-results"].files()
    found = sorted(name for name in names if name.startswith("corpora/"))
    assert found == [
        "corpora/closed-bbbbbbbbbbbb.json",
        "corpora/open-bbbbbbbbbbbb.json",
        "corpora/open-bbbbbbbbbbbb.parquet",
    ]


def test_a_board_on_a_gated_stand_in_starts_with_its_card_and_none_of_its_text(
    lab: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo = flores(lab, ["eng_Latn", "fra_Latn"])
    builds = []

    def build(name: str, folder: Path, token: str | None = None) -> bool:
        """In this process, for want of time: what the child does."""
        builds.append(token)
        found = corpora.load(name, cache=tmp_path, token=token)
        corpora.write_card(found, folder)
        return corpora.publish(found, folder) is None

    monkeypatch.setattr(command, "_build", build)
    monkeypatch.setenv("MEXA_READ_TOKEN", CORPUS_READER)
    code, said = host("--set", "MEXA_CORPUS=flores-plus", "--results", tmp_path / "none")
    assert code == 0, said
    assert builds == [CORPUS_READER] and CORPUS_READER not in said
    assert "MEXA_TOKEN=... MEXA_READ_TOKEN=... python -m evaluators work" in said
    files = lab.datasets["lab/board-results"].files()
    (name,) = [each for each in files if each.startswith("corpora/")]
    card = Card.model_validate_json(files[name])
    assert (card.name, card.revision, card.text_public) == ("flores-plus", repo.head.id, False)
    assert not [name for name, content in files.items() if CANARY.encode() in content]
    assert lab.spaces["lab/board"].variables["MEXA_CORPUS"] == "flores-plus"
    code, said = host("--set", "MEXA_CORPUS=flores-plus", "--results", tmp_path / "none")
    assert "everything is already so" in said and len(builds) == 1


def test_what_builds_a_corpus_sees_no_token_but_the_one_for_a_gated_corpus(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = []

    def start(words: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        seen.append({key: value for key, value in how["env"].items() if "TOKEN" in key})
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(command.subprocess, "run", start)
    for name in ("HF_TOKEN", "MEXA_TOKEN", "MEXA_READ_TOKEN"):
        monkeypatch.setenv(name, BOSS)
    assert command._build("udhr", tmp_path) and command._build("bible", tmp_path, CORPUS_READER)
    assert seen == [{}, {"MEXA_READ_TOKEN": CORPUS_READER}]


def test_a_board_whose_corpus_cannot_be_built_is_not_made(lab: Hub) -> None:
    code, said = host("--set", "MEXA_CORPUS=bible")
    assert code == 1 and "the board needs bible, which could not be built here" in said
    assert nothing_was_made(lab)


def test_the_built_corpus_is_made_and_published(
    lab: Hub, monkeypatch: pytest.MonkeyPatch, corpus_cache: Path
) -> None:
    monkeypatch.undo()
    env = {**os.environ, "HF_ENDPOINT": lab.address, "HF_TOKEN": BOSS, "MEXA_TOKEN": BOARD}
    env |= {"MEXA_CACHE": str(corpus_cache), "NO_PROXY": "127.0.0.1"}
    words = [sys.executable, "-m", "leaderboard", "host", "lab/board"]
    shared = {"cwd": ROOT, "env": env, "capture_output": True, "text": True, "timeout": 300}
    done = subprocess.run(words, **shared)
    assert done.returncode == 0, done.stderr
    assert "CANARY" not in done.stdout + done.stderr
    names = lab.datasets["lab/board-results"].files()
    cards = {Path(name).stem for name in names if re.fullmatch(r"corpora/.*\.json", name)}
    assert {Path(name).stem for name in names if name.endswith(".parquet")} == {*cards, "scores"}
    again = subprocess.run(words, **shared)
    assert "everything is already so" in again.stdout, again.stdout + again.stderr
