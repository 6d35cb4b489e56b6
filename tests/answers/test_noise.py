"""What a model keeps of its alignment when segments are spoiled."""

import pytest
from measured_records import LANGUAGES

from answers.answers_tools import ask
from leaderboard import answers
from leaderboard.asked import NoiseAsked, ScoresAsked
from results.methods import NOISES


def noise(board, **values):
    return answers.noise(board, ask(NoiseAsked, **{"model": "org/strong", **values}))


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_shares_kept_are_those_of_the_two_scores(all_kinds, pooling):
    found = noise(all_kinds, pooling=pooling)
    assert {each["kind"] for each in found["noises"]} == set(NOISES)
    for at, each in enumerate(found["noises"]):
        asked = ask(ScoresAsked, view=each["view"], model="org/strong")
        spoiled = {s["language"]: s[pooling] for s in answers.scores(all_kinds, asked)["scores"]}
        for row in found["languages"]:
            here, clean = row["noises"][at], row["clean"]
            assert here["score"] == spoiled[row["language"]]
            if clean["at_chance"]:
                assert here["kept"] is None
            else:
                kept = here["score"]["value"] / clean["value"]
                assert here["kept"] == pytest.approx(kept, abs=1e-6)
    assert found["common"] == len(LANGUAGES) == len(found["languages"])
    means = [row["clean"]["value"] for row in found["languages"]]
    average = found["average"]
    assert average["clean"]["value"] == pytest.approx(sum(means) / len(means), abs=1e-5)
    assert average["clean"]["low"] < average["clean"]["value"] < average["clean"]["high"]
    for each in average["noises"]:
        kept = each["score"]["value"] / average["clean"]["value"]
        assert each["kept"] == pytest.approx(kept, abs=1e-5)


def test_a_language_measured_clean_alone_is_in_no_average(own_kinds):
    whole = noise(own_kinds)
    sheet = next(
        s for s in own_kinds.snapshot.sheets if s.configuration == whole["noises"][0]["view"]
    )
    row = next(at for at, each in enumerate(sheet.rows) if "strong" in each.record)
    values = sheet.values.copy()
    values[:, row, sheet.places["fra_Latn"]] = float("nan")
    object.__setattr__(sheet, "values", values)
    sheet.remembered.clear()
    found = noise(own_kinds)
    assert found["common"] == len(LANGUAGES) - 1
    french = next(each for each in found["languages"] if each["language"] == "fra_Latn")
    assert french["noises"][0] == {"score": None, "kept": None}
    assert french["noises"][1]["score"]
    assert found["average"]["clean"] != whole["average"]["clean"]


def test_without_noise_there_is_no_average(all_kinds):
    bare = noise(all_kinds, model="org/bare")
    assert bare["noises"] == bare["languages"] == [] and bare["average"] is None
    assert bare["common"] == 0


@pytest.mark.parametrize("view", [{"score": "csls"}, {"noise": "drops:0.1"}])
def test_what_is_no_clean_alignment_is_refused(all_kinds, view):
    with pytest.raises(answers.NotFound, match="leave “noise” and “score” out"):
        noise(all_kinds, **view)
