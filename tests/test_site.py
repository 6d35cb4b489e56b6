"""The one page: every page of the board has its place, and reading sets off no Gradio event."""

from __future__ import annotations

import re

import pytest

from leaderboard import site
from leaderboard.board import Board
from leaderboard.pages import about, about_text, shell
from results.corpora import cards
from results.repo import SHIPPED
from results.settings import Settings


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    board = Board(Settings(board=tmp_path_factory.mktemp("site"), launcher="none"))
    yield board
    board.stop()


@pytest.fixture(scope="module")
def config(board):
    return site.build(board).get_config_file()


def test_every_page_has_a_column(config):
    columns = [each["props"].get("elem_id") for each in config["components"]]
    assert [name for name in columns if (name or "").startswith("page-")] == [
        f"page-{name}" for name in shell.PAGES
    ]


def test_no_clock_runs_and_only_the_public_functions_have_names(config):
    assert "timer" not in {each["type"] for each in config["components"]}
    targets = [name for each in config["dependencies"] for _, name in each["targets"]]
    # What is left to `load` is what Gradio itself adds.
    assert targets.count("load") <= sum(
        each["type"] in ("loginbutton", "browserstate") for each in config["components"]
    )
    names = {
        each["api_name"] for each in config["dependencies"] if each["api_visibility"] == "public"
    }
    assert names == {
        *("board", "models", "languages", "scores", "compare", "tasks", "trust", "segments"),
        *("requests", "submit", "agreement", "forecast", "layers", "noise"),
    }
    assert not any(name.startswith(("look", "restore", "check", "lambda")) for name in names)


def test_the_head_knows_every_page_and_asks_for_rows_only_where_there_are_some():
    head = shell.head(True)
    for name in shell.PAGES:
        assert f'"{name}"' in head
    assert "if (true && " in head and "if (false && " in shell.head(False)
    assert not re.search(r"https?://", head)
    # Gradio's own come after the head, and the first of a name counts.
    assert '<meta property="og:title" content="MEXA leaderboard' in head
    assert '<meta property="og:description" content="How well' in head


def test_about_names_every_corpus_and_escapes_what_its_card_says(board):
    (card,) = cards(SHIPPED)
    text = about.content(board)
    assert card.hash[:12] in text
    anchors = re.findall(r"<section id='([a-z]+)'>", text)
    assert anchors == [anchor for anchor, _, _ in about_text.SECTIONS]
    assert re.findall(r"\?page=about#([a-z]+)", text) == anchors
    hostile = card.model_copy(update={"name": "<img src=x>", "licence": "<b> https://a.b/c'"})
    shown = about.corpus(hostile)
    assert "<img" not in shown and "<b>" not in shown
    assert "<a href='https://a.b/c'>https://a.b/c</a>&#x27;" in shown


def test_what_a_card_says_is_never_part_of_a_template(tmp_path):
    """Gradio compiles templates to JavaScript: a stranger's `${...}` in one would run."""
    board = Board(Settings(board=tmp_path, launcher="none"))
    evil = "${document.body.append(1)}`\\{{x}}"
    board.cards = [card.model_copy(update={"licence": evil}) for card in board.cards]
    components = site.build(board).get_config_file()["components"]
    templates = {each["props"].get("html_template") or "" for each in components}
    assert {text for text in templates if "${" in text} <= {
        *("${value}", "<div class='island-root'>${value}</div>"),
    }
    values = [each["props"].get("value") for each in components]
    assert any(isinstance(value, str) and "${document" in value for value in values)
