"""Settings come from the environment, are checked in one place, and stand in the README."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from results.settings import Settings, described

README = Path(__file__).parent.parent / "README.md"


def test_the_readme_lists_every_setting_as_it_is():
    assert described() in README.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEXA_REPO", "no-slash"),
        ("MEXA_REPO", "../x/y"),
        ("MEXA_LAUNCHER", "slurm"),
        ("MEXA_DEVICES", "0;rm"),
        ("MEXA_WEB_COMMITS", "500"),
        ("MEXA_LEASE", "0"),
        ("MEXA_DTYPE", "int8"),
    ],
)
def test_a_bad_value_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("MEXA_").lower()):
        Settings()


def test_tokens_are_not_shown_when_settings_are(monkeypatch):
    monkeypatch.setenv("MEXA_TOKEN", "hf_canary")
    monkeypatch.setenv("MEXA_READ_TOKEN", "hf_other")
    found = Settings()
    assert found.token.get_secret_value() == "hf_canary"
    assert "canary" not in repr(found) and "hf_other" not in str(found)


def test_the_hubs_own_variable_is_taken_where_ours_is_not_set(monkeypatch):
    monkeypatch.delenv("MEXA_TOKEN", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_usual")
    assert Settings().token.get_secret_value() == "hf_usual"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("MEXA_REPO", "")
    assert Settings().repo is None
