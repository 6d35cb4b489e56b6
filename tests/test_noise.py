"""Spoilt segments: how much is spoilt, what stays, and that the same seed spoils alike."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.noise import KINDS, spoil
from evaluators.noise.words import clusters, is_letter, pieces
from results.methods import NOISES

RATES = [0.02, 0.1]
N = 4000
TEXTS = {
    "eng": "Everyone has the right to life, liberty and security of person.",
    "hin": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "tha": "คนทุกคนมีสิทธิในการดำรงชีวิต เสรีภาพ และความมั่นคงแห่งตัวตน",
    "zho": "人人有权享有生命、自由和人身安全。",
    "jpn": "すべての人は、生命、自由及び身体の安全に対する権利を有する。",
    "amh": "እያንዳንዱ፡ሰው፡የመኖር፣፡በነጻነትና፡በሰላም፡የመኖሩ፡መጠበቅ፡መብት፡አለው።",
    "vie": "Mọi người đều có quyền sống".replace("ọ", "o\u0323").replace("ề", "e\u0302\u0300"),
}
kinds = pytest.mark.parametrize("kind", KINDS)
rates = pytest.mark.parametrize("rate", RATES)
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def near(count, rate):
    """Whether a count of N draws is within four standard errors of what the rate says."""
    return abs(count - N * rate) <= 4 * math.sqrt(N * rate * (1 - rate))


def test_every_noise_of_the_catalogue_is_here_and_no_other():
    assert list(KINDS) == list(NOISES)


@rates
def test_letters_are_dropped_doubled_and_swapped_alike_at_the_rate(rate):
    """Of N different letters: the missing, the twice written, and those before a smaller one."""
    letters = "".join(chr(0x4E00 + place) for place in range(N))
    (spoilt,) = spoil("characters", rate, [letters], 0)
    doubled = sum(a == b for a, b in pairwise(spoilt))
    swapped = sum(a > b for a, b in pairwise(spoilt))
    dropped = N - len(set(spoilt))
    for count in (doubled, swapped, dropped):
        assert near(count, rate / 3)
    assert near(doubled + swapped + dropped, rate)


@rates
def test_words_are_dropped_at_the_rate_and_the_others_keep_their_order(rate):
    words = [f"w{place}" for place in range(N)]
    (spoilt,) = spoil("drops", rate, [" ".join(words)], 0)
    left = spoilt.split(" ")
    assert near(N - len(left), rate)
    assert left == [word for word in words if word in set(left)]


@rates
def test_words_are_substituted_at_the_rate_by_others_of_the_segments(rate):
    words = [f"w{place}" for place in range(N)]
    more = ["seldom", *["often"] * 10_000]
    spoilt = spoil("substitutions", rate, [" ".join(words), " ".join(more)], 0)[0].split(" ")
    other = [word for word, before in zip(spoilt, words, strict=True) if word != before]
    assert near(len(other), rate)
    assert set(other) <= {*words, *more}
    share = 10_000 / (N + 10_001)
    often = other.count("often")
    spread = math.sqrt(len(other) * share * (1 - share))
    assert abs(often - share * len(other)) <= 4 * spread


@kinds
@texts
def test_what_is_drawn_depends_on_the_seed_and_the_place(kind, text):
    many = [text] * 20
    spoilt = spoil(kind, 0.3, many, 7)
    assert spoilt == spoil(kind, 0.3, many, 7)
    assert spoilt != spoil(kind, 0.3, many, 8)
    assert len(set(spoilt)) > 1
    assert spoil(kind, 0.3, many[:4], 7)[:3] == spoilt[:3] or kind == "substitutions"


@kinds
@texts
def test_a_rate_of_0_changes_nothing(kind, text):
    assert spoil(kind, 0, [text, f"  {text} \n"], 0) == [text, f"  {text} \n"]


@kinds
@texts
def test_at_every_rate_words_stay_apart_and_none_is_empty(kind, text):
    for rate in (0.1, 0.5, 1):
        for spoilt in spoil(kind, rate, [text, "another"] * 10, 1):
            assert spoilt.strip() and any(map(is_letter, spoilt))
            assert "  " not in spoilt and "፡፡" not in spoilt and spoilt == spoilt.strip()


@texts
def test_marks_stay_with_their_letters_and_no_mark_or_comma_is_touched(text):
    for spoilt in spoil("characters", 0.3, [text] * 10, 2):
        assert set(clusters(spoilt)) <= set(clusters(text))
        kept = [each for each in clusters(spoilt) if not is_letter(each) and each != " "]
        assert kept == [each for each in clusters(text) if not is_letter(each) and each != " "]


@kinds
@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4))
def test_any_text_is_spoilt_to_some_text(kind, segments):
    for spoilt in spoil(kind, 1, segments, 3):
        assert spoilt.strip()


@given(st.text())
def test_pieces_are_the_whole_text(text):
    parts, words = pieces(text)
    assert "".join(parts) == text
    assert all(parts) and words == sorted(set(words))


def test_words_with_and_without_spaces():
    def words(text):
        parts, places = pieces(text)
        return [parts[place] for place in places]

    assert words("to life, liberty") == ["to", "life,", "liberty"]
    assert words("人人有权。OK 2026") == ["人", "人", "有", "权", "OK", "2026"]
    assert words("ที่นี่ ดี") == ["ที่", "นี่", "ดี"]
    assert words("テレビを") == ["テレビ", "を"]
    assert words("ሰው፡ሁሉ") == ["ሰው", "ሁሉ"]
    assert words("རིགས་རྒྱུད་") == ["རིགས", "རྒྱུད"]
    assert words("ꋍꑞꑌ") == ["ꋍ", "ꑞ", "ꑌ"]


def test_a_language_of_one_word_keeps_it():
    assert spoil("substitutions", 1, ["so so", "so"], 0) == ["so so", "so"]
    assert spoil("drops", 1, ["so", "one two"], 0)[0] == "so"
    assert spoil("drops", 1, ["one two"], 0)[0] in ("one", "two")
    assert set(spoil("characters", 1, ["a"] * 20, 0)) == {"a", "aa"}


@kinds
def test_a_rate_that_is_no_share_and_an_unknown_kind_are_refused(kind):
    for rate in (-0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="share from 0 to 1"):
            spoil(kind, rate, ["a"], 0)
    with pytest.raises(ValueError, match="seed is 0 or more"):
        spoil(kind, 0.1, ["a"], -1)
    with pytest.raises(ValueError, match="no noise typos; there are characters"):
        spoil("typos", 0.1, ["a"], 0)
