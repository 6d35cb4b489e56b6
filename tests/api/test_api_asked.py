"""What a question may hold, and the one sentence that says what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.asked import (
    CompareAsked,
    ForecastAsked,
    ModelsAsked,
    ScoresAsked,
    SegmentsAsked,
    SubmissionAsked,
    TableOfLanguagesAsked,
    TasksAsked,
    TrustAsked,
)
from leaderboard.question import Asked, BadQuestion

ALL = [
    Asked,
    ModelsAsked,
    TableOfLanguagesAsked,
    ScoresAsked,
    CompareAsked,
    SegmentsAsked,
    TasksAsked,
    TrustAsked,
    ForecastAsked,
]


def test_defaults_are_the_contract_s():
    found = ModelsAsked.read([])
    assert (found.corpus, found.embedding, found.pivot, found.view) == ("", "", "", "")
    assert (found.languages, found.family, found.script, found.region) == (("core",), "", "", "")
    assert (found.speakers, found.min_parameters, found.max_parameters) == (None, None, None)
    assert (found.pooling, found.show, found.ranked, found.kind) == ("mean", (), "group", ())
    assert found.canonical() == {}


def test_lists_have_commas_or_are_given_several_times_and_hold_nothing_twice():
    found = ModelsAsked.read([("languages", " swh_Latn,fra,,fra "), ("languages", "Deutsch")])
    assert found.languages == ("swh_Latn", "fra", "Deutsch")


def test_an_empty_value_is_as_good_as_none():
    found = ModelsAsked.read([("max_parameters", ""), ("languages", ""), ("pooling", "")])
    assert found == ModelsAsked() and found.canonical() == {}


def test_the_same_question_is_the_same_however_it_is_asked():
    one = ModelsAsked.read([("script", "Latn"), ("max_parameters", "7"), ("pooling", "mean")])
    other = ModelsAsked.of({"max_parameters": 7, "script": "Latn", "family": None})
    assert one.canonical() == other.canonical() == {"script": "Latn", "max_parameters": 7}


@pytest.mark.parametrize(
    ("kind", "pairs", "said"),
    [
        (ModelsAsked, [("langages", "x")], "no parameter “langages”; do you mean “languages”?"),
        (Asked, [("x", "")], "no parameter “x”; this takes none"),
        (ModelsAsked, [("pooling", "median")], "“pooling” must be mean or max, not “median”"),
        (
            ModelsAsked,
            [("kind", "gnu")],
            "“kind” must be decoder, encoder, encoder-decoder or static, not “gnu”",
        ),
        (ModelsAsked, [("max_parameters", "1e9")], "must be a whole number, not “1e9”"),
        (ModelsAsked, [("speakers", "-1")], "must be from 0 to"),
        (ModelsAsked, [("speakers", "9" * 5000)], "must be a whole number, not “999"),
        (ModelsAsked, [("corpus", "a" * 101)], "“corpus” may have 100 characters"),
        (ModelsAsked, [("script", "a"), ("script", "b")], "“script” is given more than once"),
        (ScoresAsked, [], "give a “language”, a “model”, or both"),
        (ScoresAsked, [("language", "a"), ("layers", "y2")], "“layers” must be 1 or 0, not “y2”"),
        (ForecastAsked, [], "give a “language”, a “model”, or both"),
        (ForecastAsked, [("model", "a"), ("ranked", "all")], "there is no parameter “ranked”"),
        (CompareAsked, [], "“models” is missing"),
        (CompareAsked, [("models", "a,b,c,d,e,f,g")], "“models” may be a list of 6"),
        (SegmentsAsked, [("model", " "), ("language", "x")], "“model” is missing"),
    ],
)
def test_one_sentence_says_what_is_wrong(kind, pairs, said):
    with pytest.raises(BadQuestion) as refused:
        kind.read(pairs)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 250 and "\n" not in str(refused.value)


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


@given(st.sampled_from([*ALL, SubmissionAsked]), st.data())
def test_values_of_any_type_are_a_question_or_a_sentence(kind, data):
    names = st.one_of(st.sampled_from([*kind.model_fields, "x"]), st.text())
    values = data.draw(st.dictionaries(names, anything, max_size=5))
    try:
        found = kind.of(values)
    except BadQuestion as refused:
        assert 0 < len(str(refused)) < 600
    else:
        assert isinstance(found, kind)
