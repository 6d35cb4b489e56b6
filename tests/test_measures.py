"""What a board measures, in which languages, and what it refuses to ask."""

from __future__ import annotations

from typing import get_args

import pytest

from leaderboard.asked import SubmissionAsked
from leaderboard.board import Board
from leaderboard.checks import Refused
from leaderboard.measures import (
    ALIGNMENT,
    DEFAULT,
    available,
    check_architecture,
    checked_languages,
    configurations,
    languages_of,
    offered,
    task_of,
)
from results.corpora import Card
from results.settings import Settings
from results.tasks import TASKS, configuration, harness_tasks


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return Board(Settings(board=tmp_path_factory.mktemp("board") / "b", launcher="none"))


@pytest.fixture
def bare(board, monkeypatch):
    """The same board while it has no corpus."""
    monkeypatch.setattr(board, "cards", [])
    return board


def test_alignment_and_every_task_are_offered_by_the_same_names_everywhere(board):
    assert [key for _, key in offered(board)] == [ALIGNMENT, *TASKS]
    assert get_args(SubmissionAsked.model_fields["measure"].annotation) == (ALIGNMENT, *TASKS)


def test_a_ray_cluster_aligns_alone(board, monkeypatch):
    ray = board.settings.model_copy(update={"launcher": "ray"})
    monkeypatch.setattr(board, "settings", ray)
    assert offered(board) == [("Alignment", ALIGNMENT)]
    with pytest.raises(Refused, match="does not measure “belebele”; it measures alignment"):
        configurations(board, "belebele")


def test_the_configuration_of_a_task_is_the_one_that_a_job_records(board):
    for task in TASKS.values():
        hash = board.card.hash if task.local else None
        assert configurations(board, task.name) == [configuration(task, hash)]
    embeddings = [each.parameters.embedding for each in configurations(board)]
    assert embeddings == ["weighted-mean@1", "last-token@1"]


@pytest.fixture
def gated(board, monkeypatch):
    """The same board on the Bible subset, whose card is made up."""
    about = board.card.model_dump() | {"name": "bible", "hash": "b" * 64, "n": 103}
    about["languages"] = [*about["languages"][:9], {"code": "aak_Latn", "counted": True}]
    monkeypatch.setattr(board, "cards", [*board.cards, Card.model_validate(about)])
    bible = board.settings.model_copy(update={"corpus": "bible"})
    monkeypatch.setattr(board, "settings", bible)
    return board


def test_a_board_on_another_corpus_asks_the_cloze_of_the_declaration_all_the_same(gated):
    first = configurations(gated)[0].parameters
    assert (first.corpus, first.corpus_hash, first.n) == ("bible", "b" * 64, 103)
    assert len(available(gated)) == 9 and "aak_Latn" in available(gated)
    declaration = gated.card_of("udhr")
    assert configurations(gated, "udhr-cloze") == [
        configuration(TASKS["udhr-cloze"], declaration.hash)
    ]
    assert available(gated, "udhr-cloze") == [each.code for each in declaration.languages]


def test_without_a_card_it_says_how_to_make_one_of_the_boards_own_corpus(gated, monkeypatch):
    monkeypatch.setattr(gated, "cards", gated.cards[:-1])
    with pytest.raises(Refused, match="python -m evaluators corpus bible --publish FOLDER"):
        configurations(gated)


def test_hugging_face_jobs_need_a_read_token_for_a_gated_corpus(gated, monkeypatch):
    jobs = gated.settings.model_copy(update={"launcher": "hf-jobs"})
    monkeypatch.setattr(gated, "settings", jobs)
    with pytest.raises(Refused, match=r"bible is gated, .* \(MEXA_READ_TOKEN\)"):
        configurations(gated)
    assert configurations(gated, "udhr-cloze") and configurations(gated, "belebele")
    monkeypatch.setenv("MEXA_READ_TOKEN", "given")
    read = jobs.model_copy(update={"read_token": Settings().read_token})
    monkeypatch.setattr(gated, "settings", read)
    assert configurations(gated)


def test_without_a_corpus_only_tasks_of_the_hub_can_be_measured(bare):
    for name in (ALIGNMENT, "udhr-cloze"):
        with pytest.raises(Refused, match="no corpus yet"):
            configurations(bare, name)
    assert configurations(bare, "belebele")
    assert available(bare, "belebele") == list(harness_tasks(TASKS["belebele"]))


def test_english_is_measured_in_tasks_and_is_what_alignment_is_to(board):
    assert "eng_Latn" not in available(board)
    assert {*available(board, "udhr-cloze")} == {*available(board), "eng_Latn"}
    for kind in ("core", "all", DEFAULT):
        assert "eng_Latn" not in languages_of(board, kind, [])
        assert "eng_Latn" in languages_of(board, kind, [], "arc")
    assert languages_of(board, DEFAULT, [], "arc") == ["eng_Latn"]
    assert languages_of(board, DEFAULT, []) == languages_of(board, "core", [])
    assert languages_of(board, "nonsense", ["fra_Latn"], "arc") == []


@pytest.mark.parametrize("measure", [ALIGNMENT, *TASKS])
@pytest.mark.parametrize("kind", ["core", "all"])
def test_a_set_holds_only_what_can_be_measured(board, measure, kind):
    codes = languages_of(board, kind, [], measure)
    assert checked_languages(board, measure, codes) == codes
    assert len(codes) >= 15


def test_languages_without_such_a_task_are_named_with_those_that_there_are(board):
    with pytest.raises(Refused, match=r"ARC has no swh_Latn, hau_Latn; it is there in arb_Arab, "):
        checked_languages(board, "arc", ["fra_Latn", "swh_Latn", "hau_Latn"])
    with pytest.raises(Refused, match=r"The corpus has no xxx_Latn\."):
        checked_languages(board, ALIGNMENT, ["xxx_Latn"])
    with pytest.raises(Refused, match="Choose at least one language"):
        checked_languages(board, "arc", [])
    assert checked_languages(board, "arc", ["eng_Latn", "eng_Latn"]) == ["eng_Latn"]


def test_what_is_not_measured_is_named_cut_short(board):
    with pytest.raises(Refused) as refused:
        task_of(board, "<script>" * 100)
    assert len(str(refused.value)) < 200


def test_an_encoder_is_refused_for_tasks_alone():
    for architecture in ("llama", None):
        check_architecture("org/name", architecture, "arc")
    check_architecture("org/name", "bert", ALIGNMENT)
    with pytest.raises(Refused, match=r"org/name is an encoder \(bert\).*Its alignment can be"):
        check_architecture("org/name", "bert", "arc")
