"""Statistics of layers, as the records hold them."""

import json
import shutil

import pytest
from measured_records import DIMENSIONS, LANGUAGES, STATES, add_statistic

from answers.answers_tools import ask, board_of
from leaderboard import answers
from leaderboard.asked import LayersAsked
from results.methods import STATISTICS


def layers(board, **values):
    return answers.layers(board, ask(LayersAsked, **{"model": "org/strong", **values}))


@pytest.mark.parametrize("name", STATISTICS)
def test_curves_are_those_of_the_record(all_kinds, name):
    found = layers(all_kinds, statistic=name)
    about = found["statistic"]
    wanted = STATISTICS[name]
    assert (about["title"], about["formula"]) == (wanted.title, wanted.formula)
    assert about["higher"] == wanted.higher and about["source"] == wanted.source
    sheet = all_kinds.snapshot.by_configuration[found["view"]["view"]]
    (record,) = (row.record for row in sheet.rows if "strong" in row.record)
    scores = json.loads((all_kinds.repo.root / record).read_text())["scores"]
    kept = {each["language"]: each["curves"] for each in scores if "curves" in each}
    assert {each["language"]: each["curves"] for each in found["languages"]} == kept
    assert len(found["languages"]) == len(LANGUAGES) + (not wanted.pivoted)
    assert {len(curve) for each in found["languages"] for curve in each["curves"].values()} == {
        STATES
    }
    assert found["curves"] == (list(DIMENSIONS) if name == "leading-dimensions" else ["value"])


def test_all_statistics_of_a_model_are_listed_and_some_languages_can_be_chosen(all_kinds):
    found = layers(all_kinds, languages="French,sw,nowhere at all")
    assert [each["statistic"] for each in found["statistics"]] == list(STATISTICS)
    assert [each["language"] for each in found["languages"]] == ["fra_Latn", "swh_Latn"]
    assert found["unknown"] == ["nowhere at all"]


def test_a_statistic_beside_another_pivot_is_told_apart(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "board")
    add_statistic(tmp_path / "board", "closeness", "fra_Latn")
    board = board_of(tmp_path / "board")
    both = [
        each
        for each in layers(board)["statistics"]
        if (each["statistic"], each["method"]) == ("closeness", "position-weighted mean")
    ]
    assert [each["beside"] for each in both] == ["English", "French"]
    assert layers(board, statistic="closeness")["view"]["pivot"] == "eng_Latn"
    found = layers(board, statistic="closeness", view=both[1]["view"])
    assert (found["view"]["pivot"], len(found["languages"])) == ("fra_Latn", 3)
    with pytest.raises(answers.NotFound, match="no statistic of that view"):
        layers(board, statistic="anisotropy", view=both[1]["view"])


def test_a_model_without_statistics_says_so_and_an_unknown_one_is_not_found(all_kinds):
    found = layers(all_kinds, model="org/bare")
    assert found["statistics"] == found["languages"] == [] and found["statistic"] is None
    with pytest.raises(answers.NotFound, match="no statistic chaos; there are anisotropy"):
        layers(all_kinds, statistic="chaos")
    with pytest.raises(answers.NotFound, match="no model org/none"):
        layers(all_kinds, model="org/none")
