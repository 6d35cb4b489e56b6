"""`python -m leaderboard host` by the real client, against a Hub on this machine."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hub_server import Hub
from huggingface_hub import DatasetCard
from test_export import add, model
from typer.testing import CliRunner

from leaderboard import __main__ as command
from leaderboard import dataset_cards, space_files
from results.corpora import Card, write_card
from results.repo import SHIPPED, Repo, check

ROOT = Path(__file__).parent.parent
BOSS, BOARD, READER = "hf_bossCANARY", "hf_boardCANARY", "hf_readerCANARY"
DATASETS = ["lab/board-results", "lab/board-requests"]


@pytest.fixture
def lab(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A Hub with a lab's writing token, one for the two datasets alone, and a reader's."""
    hub.tokens = {
        BOSS: {"name": "lab", "role": "write"},
        BOARD: {"name": "lab", "role": "write", "repos": DATASETS},
        READER: {"name": "lab", "role": "read"},
    }
    monkeypatch.setenv("HF_TOKEN", BOSS)
    monkeypatch.setenv("MEXA_TOKEN", BOARD)
    monkeypatch.setattr(command, "_build", lambda name, folder: False)
    return hub


def host(*words: object, repo: str = "lab/board") -> tuple[int, str]:
    done = CliRunner().invoke(command.app, ["host", repo, *(str(word) for word in words)])
    assert "CANARY" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def nothing_was_made(hub: Hub) -> bool:
    return not hub.spaces and not hub.datasets


def written(hub: Hub) -> list[tuple[str, str]]:
    return [(m, p) for m, p, _ in hub.requests if m != "GET" and m != "HEAD"]


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
    lab: Hub, tmp_path: Path
) -> None:
    host()
    files = lab.datasets["lab/board-results"].files()
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


def test_cards_are_what_the_hub_reads() -> None:
    for made in (dataset_cards.results("lab/board"), dataset_cards.requests("lab/board")):
        card = DatasetCard(made.decode())
        assert card.data.license == "apache-2.0"
        assert "leaderboard" in card.data.tags
        [default] = [each for each in card.data.configs if each.get("default")]
        assert default["data_files"] in ("scores/scores.parquet", "*/*.json")
        assert yaml.safe_load(made.decode().split("---\n")[1])


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
    add(tmp_path, model(), {"fra_Latn": 0.5})
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
    assert {"org/model", *(each.model.id for _, each in Repo(SHIPPED).records())} == set(
        scores["model"]
    )


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


@pytest.mark.parametrize(
    ("repo", "words", "says"),
    [
        ("board", [], "give ORG/NAME"),
        ("lab/a/b", [], "give ORG/NAME"),
        ("lab/bo--ard", [], "cannot be a name on the Hub"),
        ("lab/" + "x" * 95, [], "cannot be a name on the Hub"),
        ("other/board", [], "lab is no member of other"),
        ("lab/board", ["--set", "MEXA_NOTHING=1"], "MEXA_NOTHING: no such setting"),
        ("lab/board", ["--set", "PATH=1"], "PATH: no such setting"),
        ("lab/board", ["--set", "MEXA_TOKEN=CANARY"], "does not belong on a command line"),
        ("lab/board", ["--set", "MEXA_READ_TOKEN=CANARY"], "does not belong on a command line"),
        ("lab/board", ["--set", "MEXA_LAUNCHER=moon"], "a setting is not valid: "),
        ("lab/board", ["--set", "MEXA_WEB_COMMITS=120"], "over the Hub's 128 an hour"),
        ("lab/board", ["--set", "MEXA_REPO=a/b"], "the board's own name"),
    ],
)
def test_a_bad_wish_is_refused_before_anything_is_made(
    lab: Hub, repo: str, words: list[str], says: str
) -> None:
    code, said = host(*words, repo=repo)
    assert code == 1
    assert says in said
    assert nothing_was_made(lab)


@pytest.mark.parametrize(
    ("variable", "token", "says"),
    [
        ("HF_TOKEN", READER, "this token may only read"),
        ("HF_TOKEN", "hf_unknownCANARY", "the Hub does not know this token"),
        ("HF_TOKEN", "", "no Hugging Face token"),
        ("MEXA_TOKEN", READER, "MEXA_TOKEN may only read"),
        ("MEXA_TOKEN", "hf_unknownCANARY", "the Hub does not know MEXA_TOKEN"),
    ],
)
def test_a_token_that_cannot_do_it_is_refused_before_anything_is_made(
    lab: Hub, monkeypatch: pytest.MonkeyPatch, variable: str, token: str, says: str
) -> None:
    monkeypatch.setenv(variable, token)
    code, said = host()
    assert code == 1
    assert says in said
    assert nothing_was_made(lab)


@pytest.mark.parametrize(
    ("kind", "id", "file"),
    [
        ("space", "lab/board", "app.py"),
        ("dataset", "lab/board-results", "train.csv"),
        ("dataset", "lab/board-requests", "data/train.json"),
    ],
)
def test_a_repo_of_something_else_is_left_alone(lab: Hub, kind: str, id: str, file: str) -> None:
    repo = lab.create(id, kind, {file: b"theirs"})
    head = repo.head.id
    code, said = host()
    assert code == 1
    assert f"{id} " in said
    assert "choose another name" in said
    assert repo.head.id == head
    assert len(lab.spaces) + len(lab.datasets) == 1


def test_an_empty_repo_of_that_name_is_taken(lab: Hub) -> None:
    lab.create("lab/board", "space", {"README.md": b"---\nsdk: gradio\n---\n"}, sdk="gradio")
    code, said = host()
    assert code == 0, said
    assert "app.py" in lab.spaces["lab/board"].files()


def test_records_that_do_not_hold_are_refused(lab: Hub, tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    [side] = tmp_path.glob("results/*/*/*/*.hits.json")
    side.unlink()
    code, said = host("--results", tmp_path)
    assert code == 1
    assert "side file of hits is missing" in said
    assert nothing_was_made(lab)


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


def test_a_hub_that_does_not_answer_is_an_error_not_a_traceback(lab: Hub) -> None:
    lab.fail(500, "/whoami")
    code, said = host()
    assert code == 1
    assert "error: " in said
    assert nothing_was_made(lab)


def test_only_tracked_files_that_a_space_needs_are_uploaded(tmp_path: Path) -> None:
    names = [".env", "app.py", "README.md", "tests/test_x.py", "leaderboard/.env"]
    names += ["leaderboard/a.py", "results/data/x.json", "secret.txt"]
    for name in [*names, "leaderboard/untracked.py"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with pytest.raises(space_files.NotACheckout, match="git init"):
        space_files.needed(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-f", *names], cwd=tmp_path, check=True)
    assert space_files.untracked(tmp_path) == ["leaderboard/untracked.py"]
    assert space_files.needed(tmp_path) == [
        "README.md", "app.py", "leaderboard/a.py", "results/data/x.json",
    ]  # fmt: skip
