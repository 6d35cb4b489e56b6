"""Averages, rank ranges and filters, against the records they come from."""

import base64
import json
from types import SimpleNamespace

import numpy as np
import pytest
from test_export import add, model

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of, edit
from leaderboard import answers
from leaderboard.asked import ModelsAsked
from results.interval import mean_interval
from results.language_sets import CORE
from results.peaks import average_max_interval, peaks
from results.repo import read_hits

SWAHILI = "swh_Latn"


def models(board, **values):
    return {
        each["id"]: each for each in answers.models(board, ask(ModelsAsked, **values))["models"]
    }


def test_averages_are_those_of_the_records_with_one_resampling_for_all(real):
    found, checked = answers.models(real, ask(ModelsAsked)), 0
    for each in found["models"]:
        for path, record in real.repo.records():
            if (record.model.id, record.evaluator.key()) != (each["id"], found["view"]["view"]):
                continue
            values = {s.language: s.values for s in record.scores if s.values}
            hits = [read_hits(path).unpack(code) for code in CORE]
            for name in ("mean", "max"):
                mean = np.mean([values[code][name].value for code in CORE])
                assert each[name]["value"] == pytest.approx(mean, abs=1e-6)
            low, high = mean_interval(np.mean([each.mean(axis=0) for each in hits], axis=0))
            assert (each["mean"]["low"], each["mean"]["high"]) == pytest.approx(
                (low, high), abs=1e-6
            )
            best, crossfit = (part.mean(axis=0)[None] for part in peaks(np.stack(hits)))
            ends = average_max_interval(best, crossfit)[0]
            assert (each["max"]["low"], each["max"]["high"]) == pytest.approx(ends, abs=1e-6)
            above = sum(not values[code]["mean"].at_chance for code in CORE)
            assert (each["above_chance"], each["of"], each["missing"]) == (above, len(CORE), 0)
            checked += 1
    assert checked == 2


def test_ranks_are_within_weights_and_dtype_or_among_all(real):
    apart = models(real)
    assert {each["weights"] for each in apart.values()} == {"Q4_K_M", "Q4_1"}
    assert all(each["rank"] == {"low": 1, "high": 1} for each in apart.values())
    found = models(real, ranked="all")
    assert found[GEMMA]["rank"] == {"low": 1, "high": 1}
    assert found[SMOLLM]["rank"] == {"low": 2, "high": 2}


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_who_is_better_goes_with_the_rows(real, pooling):
    found = answers.models(real, ask(ModelsAsked, pooling=pooling))
    bits = np.unpackbits(np.frombuffer(base64.b64decode(found["better"]), np.uint8), count=4)
    assert [each["id"] for each in found["models"]] == [GEMMA, SMOLLM]
    assert bits.reshape(2, 2).tolist() == [[0, 1], [0, 0]]


def test_a_model_that_lacks_a_language_has_no_average_and_no_rank_and_says_so(folder):
    def forget(record):
        record["scores"] = [s for s in record["scores"] if s["language"] != "fra_Latn"]

    edit(folder, forget, "Gemma")
    board = board_of(folder)
    row = models(board)[GEMMA]
    assert row["mean"] is row["max"] is row["rank"] is None
    assert (row["missing"], row["of"]) == (1, len(CORE) - 1)
    assert models(board)[SMOLLM]["rank"] == {"low": 1, "high": 1}
    assert models(board, languages="swh,deu")[GEMMA]["mean"] is not None


def test_without_hits_there_is_an_average_but_no_interval_and_no_claim_to_a_rank(folder):
    for path in folder.rglob("*.hits.json"):
        if "gemma" in path.as_posix():
            path.unlink()
    board = board_of(folder)
    row = models(board, ranked="all")[GEMMA]
    assert row["mean"]["value"] > 0 and row["mean"]["low"] is None
    assert row["rank"] == {"low": 1, "high": 2}
    one = models(board, languages="fra")[GEMMA]["mean"]
    assert one["low"] is not None  # the record has the interval of a single language


def test_the_pivot_and_variants_are_in_no_average(real):
    found = answers.models(real, ask(ModelsAsked, languages="eng,fra,deu_Latn_1901"))
    assert found["languages"]["codes"] == ["fra_Latn"]
    assert set(found["languages"]["absent"]) == {"eng_Latn", "deu_Latn_1901"}
    every = answers.models(real, ask(ModelsAsked, languages="all"))["languages"]["codes"]
    assert "eng_Latn" not in every and len(every) == 340


def test_a_set_of_a_family_or_region(real):
    found = answers.models(real, ask(ModelsAsked, languages="all", region="Africa", script="Latn"))
    assert SWAHILI in found["languages"]["codes"] and "fra_Latn" not in found["languages"]["codes"]
    assert "Africa" in found["languages"]["said"]


def test_what_is_typed_and_not_understood_is_said(real):
    found = answers.models(real, ask(ModelsAsked, languages="swahili,klingonish"))
    assert found["languages"]["codes"] == [SWAHILI]
    assert found["languages"]["unknown"] == ["klingonish"]


def test_no_language_at_all_leaves_nothing_ranked(real):
    assert all(each["mean"] is None for each in models(real, languages="xyzzy").values())


def test_filters(real):
    assert list(models(real, max_parameters="200000000")) == [SMOLLM]
    assert list(models(real, min_parameters="200000000")) == [GEMMA]
    assert list(models(real, architecture="llama")) == [SMOLLM]
    assert list(models(real, licence="gemma,mit")) == [GEMMA]
    assert list(models(real, weights="Q4_1", dtype="float32")) == [SMOLLM]
    assert models(real, kind="encoder") == {}


def test_a_model_of_unknown_size_passes_no_size_filter(folder):
    edit(folder, lambda record: record["model"].update(parameters=None), "Gemma")
    assert list(models(board_of(folder), max_parameters="9000000000")) == [SMOLLM]


def test_languages_that_are_shown_come_with_their_scores(real):
    found = answers.models(real, ask(ModelsAsked, show="sw,xho,zzz"))
    assert [each["language"] for each in found["shown"]] == [SWAHILI, "xho_Latn"]
    assert found["languages"]["unknown"] == ["zzz"]
    row = next(each for each in found["models"] if each["id"] == SMOLLM)
    (record,) = (
        record
        for _, record in real.repo.records()
        if (record.model.id, record.evaluator.key()) == (SMOLLM, found["view"]["view"])
    )
    value = next(s for s in record.scores if s.language == SWAHILI).values["mean"]
    cell = row["shown"][SWAHILI]
    assert cell["value"] == pytest.approx(value.value, abs=1e-6)
    assert cell["at_chance"] is value.at_chance
    assert cell["chance"] == pytest.approx(value.chance, abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_over_one_language_the_average_is_its_score_with_its_interval(real, pooling):
    found = answers.models(
        real, ask(ModelsAsked, languages="French", show="French", pooling=pooling)
    )
    for each in found["models"]:
        score = each["shown"]["fra_Latn"]
        assert each[pooling] == {name: score[name] for name in ("value", "low", "high")}


def test_views_are_apart(real):
    found = {
        method: answers.models(real, ask(ModelsAsked, embedding=method))
        for method in ("weighted-mean@1", "last-token@1")
    }
    assert len({each["view"]["view"] for each in found.values()}) == 2
    with pytest.raises(answers.NotFound, match="corpus=udhr-3387f24465f8&embedding=weighted-mean"):
        answers.models(real, ask(ModelsAsked, corpus="flores"))


def test_the_default_view_is_of_the_corpus_that_the_board_evaluates_on(tmp_path):
    add(tmp_path, model(), {"fra_Latn": 0.5, "deu_Latn": 0.4, "swh_Latn": 0.1})
    add(tmp_path, model(), {"fra_Latn": 0.3}, corpus="bible")
    board = board_of(tmp_path)
    board.writable, board.results = False, SimpleNamespace(pause=0)
    for own, other in (("udhr", "bible"), ("bible", "udhr")):
        board.settings = board.settings.model_copy(update={"corpus": own})
        assert answers.models(board, ask(ModelsAsked))["view"]["corpus"] == own
        assert [each["corpus"] for each in answers.board(board)["views"]] == [own, other]
        named = answers.models(board, ask(ModelsAsked, corpus=other))
        assert named["view"]["corpus"] == other
    board.settings = board.settings.model_copy(update={"corpus": "flores-plus"})
    assert answers.models(board, ask(ModelsAsked))["view"]["corpus"] == "udhr"


def test_it_is_json_without_what_gradio_takes_for_a_file(real):
    text = json.dumps(answers.models(real, ask(ModelsAsked, show="sw")), allow_nan=False)
    assert '"path"' not in text


def test_an_empty_board_says_so(tmp_path):
    with pytest.raises(answers.NotFound, match="nothing is measured"):
        answers.models(board_of(tmp_path), ask(ModelsAsked))
