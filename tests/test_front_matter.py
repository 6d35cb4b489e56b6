"""The README's front matter is a Space's configuration: it and the pins must agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import RepoCard

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


@pytest.fixture(scope="module")
def config() -> dict[str, object]:
    assert TEXT.startswith("---\n")
    found = yaml.safe_load(TEXT.split("---\n")[1])
    assert RepoCard(TEXT).data.to_dict() == found
    return found


def test_the_gradio_of_the_space_is_the_pinned_one(config: dict[str, object]) -> None:
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    [(extras, version)] = re.findall(r"^gradio(\[[a-z,]+\])?==(\S+)$", pins, re.MULTILINE)
    assert config["sdk"] == "gradio"
    assert config["sdk_version"] == version
    assert "oauth" in extras, "signing in needs gradio[oauth]"


def test_every_requirement_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9A-Za-z.]*", line), line


def test_python_is_a_text_and_the_one_that_is_tested(config: dict[str, object]) -> None:
    assert isinstance(config["python_version"], str), "unquoted, 3.10 would be 3.1"
    assert "py" + config["python_version"].replace(".", "") in (
        (ROOT / "pyproject.toml").read_text("utf-8")
    )


def test_what_the_space_runs_is_there(config: dict[str, object]) -> None:
    assert (ROOT / str(config["app_file"])).is_file()


def test_people_can_sign_in_and_nothing_more_is_asked_of_them(config: dict[str, object]) -> None:
    assert config["hf_oauth"] is True
    assert "hf_oauth_scopes" not in config
    minutes = config["hf_oauth_expiration_minutes"]
    assert isinstance(minutes, int)
    assert 0 < minutes <= 43200, "the Hub's limit is 30 days"


def test_values_are_ones_that_the_hub_takes(config: dict[str, object]) -> None:
    assert {config["colorFrom"], config["colorTo"]} <= COLOURS
    assert len(str(config["short_description"])) <= 60
    assert {"leaderboard", "submission:automatic", "test:public", "judge:auto"} <= {*config["tags"]}
