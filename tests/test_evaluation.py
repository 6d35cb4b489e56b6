"""A run's configurations, and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.evaluation import Wanted, alignment, parse_noise
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS

CORPUS = ("udhr", "a" * 64, None, 50)


def some(names, least=0):
    return st.lists(st.sampled_from(list(names)), unique=True, min_size=least).map(tuple)


@given(
    some(EMBEDDINGS, 1),
    some(list(SCORES)[1:]),
    some(STATISTICS),
    some([(kind, rate) for kind in NOISES for rate in (0.1, 0.25)]),
    some(["eng_Latn", "fra_Latn", "swh_Latn"], 1),
)
def test_a_requests_configurations_say_what_was_wanted(embeddings, scores, stats, noises, pivots):
    wanted = Wanted(embeddings, ("alignment", *scores), stats, noises, pivots)
    asked = wanted.configurations(*CORPUS)
    again = Wanted.of(asked)
    assert set(again.statistics) == set(stats)
    assert replace(again, statistics=stats) == wanted
    keys = [each.key() for each in asked]
    assert len(set(keys)) == len(keys)


def test_the_published_score_is_the_configuration_it_always_was():
    usual = Wanted(("weighted-mean", "last-token"))
    assert usual.configurations(*CORPUS) == [
        alignment(*CORPUS, "eng_Latn", "weighted-mean@1"),
        alignment(*CORPUS, "eng_Latn", "last-token@1"),
    ]


def test_what_needs_no_pivot_is_asked_once():
    wanted = Wanted(
        ("mean",), statistics=("anisotropy", "closeness"), pivots=("eng_Latn", "fra_Latn")
    )
    names = [(each.name, each.parameters.pivot) for each in wanted.configurations(*CORPUS)]
    assert [each for each in names if each[0] != "alignment"] == [
        ("closeness", "eng_Latn"),
        ("closeness", "fra_Latn"),
        ("anisotropy", None),
    ]


def test_all_means_all_and_alignment_is_always_there():
    wanted = Wanted.parse(["all"], ["all"], ["all"], ["all"])
    assert wanted.embeddings == tuple(EMBEDDINGS) and wanted.scores == tuple(SCORES)
    assert wanted.statistics == tuple(STATISTICS)
    assert wanted.noises == tuple((kind, 0.1) for kind in NOISES)
    assert Wanted.parse(["mean"], ["csls"]).scores == ("alignment", "csls")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"embeddings": ["median"]}, "no embedding method median; there are weighted-mean"),
        ({"embeddings": ["mean"], "scores": ["bleu"]}, "no score bleu; there are alignment"),
        ({"embeddings": ["mean"], "statistics": ["x"]}, "no statistic x; there are anisotropy"),
        ({"embeddings": ["mean"], "noises": ["hum"]}, "no noise hum; there are characters"),
        ({"embeddings": ["mean"], "noises": ["drops:2"]}, "rate of drops:2 is not a number over 0"),
        ({"embeddings": ["mean"], "noises": ["drops:x"]}, "rate of drops:x is not a number"),
    ],
)  # fmt: skip
def test_a_name_that_there_is_not_is_refused_with_those_there_are(what, said):
    with pytest.raises(ValueError, match=said):
        Wanted.parse(**what)


def test_noise_has_a_usual_rate():
    assert parse_noise("drops") == ("drops", 0.1) and parse_noise("drops:0.3") == ("drops", 0.3)
