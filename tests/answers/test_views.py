"""Every kind of score as a view of its own, and what each may be asked."""

import pytest
from measured_records import EVERYTHING, LANGUAGES, STATES

from answers.answers_tools import ask
from leaderboard import answers
from leaderboard.answers.views import sheets, view
from leaderboard.asked import CompareAsked, ModelsAsked, ScoresAsked, TableOfLanguagesAsked
from results.methods import NOISES, SCORES, STATISTICS

LIKE_ALL = "all"


def test_views_are_grouped_and_the_default_is_clean_alignment_by_weighted_mean(all_kinds):
    found = [view(sheet) for sheet in sheets(all_kinds.snapshot)]
    assert found[0]["score"] == "alignment" and found[0]["embedding"] == "weighted-mean@1"
    kinds = [each["kind"] for each in found]
    assert kinds == sorted(kinds, key=["embedding", "score", "noise"].index)
    counts = [kinds.count(kind) for kind in ("embedding", "score", "noise")]
    assert counts == [len(EVERYTHING.embeddings), len(SCORES) - 1, len(NOISES)]
    assert not {each["score"] for each in found} & set(STATISTICS)
    assert len({each["label"] for each in found}) == len(found)
    assert answers.models(all_kinds, ask(ModelsAsked))["view"] == view(
        sheets(all_kinds.snapshot)[0]
    )


@pytest.mark.parametrize("at", range(9 + len(SCORES) - 1 + len(NOISES) - 1))
def test_every_view_answers_every_question(all_kinds, at):
    sheet = sheets(all_kinds.snapshot)[at]
    key = sheet.configuration
    found = answers.models(all_kinds, ask(ModelsAsked, view=key, languages=LIKE_ALL))
    assert found["view"]["view"] == key and found["models"]
    for row in found["models"]:
        known = row["mean"]["low"] is not None
        assert known == found["view"]["hits"]
        assert row["rank"]["low"] >= 1
    assert answers.languages(all_kinds, ask(TableOfLanguagesAsked, view=key))["languages"]
    assert answers.scores(all_kinds, ask(ScoresAsked, view=key, language="fra_Latn"))["scores"]
    one = ask(ScoresAsked, view=key, model="org/strong", layers="1")
    scores = answers.scores(all_kinds, one)["scores"]
    states = {len(each["layers"]) for each in scores}
    assert states == {1 if found["view"]["single"] else STATES}
    assert all((each["best_layer"] is None) == found["view"]["single"] for each in scores)
    both = ask(CompareAsked, view=key, models="org/strong,org/middling", languages=LIKE_ALL)
    overall = answers.compare(all_kinds, both)["overall"]
    assert (overall[1] is not None) == found["view"]["hits"]


def test_a_single_vector_counts_each_segment_once(all_kinds):
    (sheet,) = (s for s in sheets(all_kinds.snapshot) if "layer-average" in view(s)["embedding"])
    codes = ",".join(LANGUAGES[:3])
    asked = ask(ModelsAsked, view=sheet.configuration, languages=codes)
    for row in answers.models(all_kinds, asked)["models"]:
        assert row["mean"]["low"] < row["mean"]["value"] < row["mean"]["high"]
        assert row["mean"]["value"] == row["max"]["value"]


def test_a_score_or_noise_is_asked_for_by_name_and_never_met_by_chance(all_kinds):
    def shown(**values):
        return answers.models(all_kinds, ask(ModelsAsked, **values))["view"]

    assert shown(score="csls")["score"] == "csls"
    assert shown(noise="drops:0.1")["noise"] == "drops:0.1"
    assert shown(embedding="mean@1")["noise"] is None
    for wrong in ({"score": "anisotropy"}, {"noise": "drops:0.5"}, {"score": "x", "noise": "y"}):
        with pytest.raises(answers.NotFound, match=r"score=centred-alignment \(view="):
            shown(**wrong)
