"""The cloze: where a segment is cut, and that every language is asked the same."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from evaluators import corpora
from evaluators.corpora.splits import SPLITS
from evaluators.tasks import cloze
from evaluators.tasks.cloze import halves, items, questions
from results.tasks import ANSWERS, CLOZE

PIECES = ("a", " ", "ก็", "กำ", "བོད", "་", "人", "e\u0301", "👩‍🔬", "🇫🇷", "क्ष", "\u200d", "한", "\n")
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)
SPACELESS = {
    "tha_Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "cmn_Hans": "人人生而自由在尊严和权利上一律平等",
    "bod_Tibt": "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།",
}


@pytest.fixture(scope="module")
def corpus(corpus_cache):
    return corpora.load("udhr", cache=corpus_cache)


@pytest.fixture(scope="module")
def asked(corpus):
    return {code: questions(corpus, code) for code in corpus.languages}


def graphemes(text):
    return regex.findall(r"\X", text)


@given(TEXTS)
def test_no_grapheme_is_cut_and_nothing_is_lost_but_one_space(text):
    first, between, second = halves(text)
    lost = [] if between == "" else graphemes(text)[len(graphemes(first))]
    assert between in ("", " ")
    assert not lost or lost.isspace()
    assert graphemes(first) + ([lost] if lost else []) + graphemes(second) == graphemes(text)


@given(TEXTS.filter(lambda text: len(graphemes(text)) >= 5))
def test_neither_half_is_empty_or_over_three_quarters(text):
    first, _, second = halves(text)
    count = len(graphemes(text))
    for half in (first, second):
        assert 0 < len(graphemes(half)) <= count * 3 / 4 + 1


@pytest.mark.parametrize("text", SPACELESS.values(), ids=SPACELESS)
def test_without_spaces_the_middle_is_cut(text):
    first, between, second = halves(text)
    assert (between, first + second) == ("", text)
    assert len(graphemes(second)) - len(graphemes(first)) in (0, 1)


def test_the_nearest_space_is_taken_but_none_that_is_far():
    assert halves("one two three four") == ("one two", " ", "three four")
    assert halves("a bcdefghijklmnopqrst") == ("a bcdefghi", "", "jklmnopqrst")


def test_every_language_is_asked_the_same_in_the_same_order(corpus, asked):
    even = SPLITS["udhr"]["even-articles"]
    ids = items([corpus.languages["eng_Latn"][i] for i in even])
    assert len(ids) == CLOZE.n
    assert len({(len(each), tuple(q["answer"] for q in each)) for each in asked.values()}) == 1
    for code, found in asked.items():
        for question, places in zip(found, ids, strict=True):
            segments = [corpus.languages[code][even[at]] for at in places]
            right = question["endings"][question["answer"]]
            assert segments[0].startswith(question["context"]), code
            assert question["context"] + right == segments[0], code
            rest = [text for text in question["endings"] if text != right]
            assert all(any(s.endswith(t.strip()) for s in segments[1:]) for t in rest), code


def test_four_different_endings_and_no_place_that_is_always_right(asked):
    for code, found in asked.items():
        for question in found:
            assert len({*question["endings"]}) == ANSWERS, code
            assert question["context"].strip()
            assert all(ending.strip() for ending in question["endings"])
    places = Counter(question["answer"] for question in asked["eng_Latn"])
    assert set(places) == set(range(ANSWERS))
    assert max(places.values()) <= CLOZE.n / 2


def test_the_right_ending_is_its_own_and_the_others_are_not_of_its_segment():
    ids = items(["x" * cloze.SHORTEST] * 10)
    assert [places[0] for places in ids] == list(range(10))
    assert all(len({*places}) == ANSWERS for places in ids)


def test_short_segments_are_neither_asked_nor_offered():
    texts = ["x" * (cloze.SHORTEST - at % 2) for at in range(12)]
    assert {at for places in items(texts) for at in places} == set(range(0, 12, 2))


def test_no_segment_that_alignment_is_compared_on_is_in_any_question(corpus, asked):
    odd, both = SPLITS["udhr"]["odd-articles"], set()
    for code, found in asked.items():
        text = "\n".join(q["context"] + "\n" + "\n".join(q["endings"]) for q in found)
        both |= {(code, at) for at in odd if corpus.languages[code][at] in text}
    # A placeholder of one letter, and a variant that repeats a paragraph of article 21 in 22.
    assert both == {("amr_Latn", 14), ("jav_Java", 31)}


def test_the_files_hold_the_questions_in_the_languages_asked_for(corpus, asked, tmp_path):
    cloze.write(corpus, ["fra_Latn", "tha_Thai"], tmp_path / "new")
    names = [f"{code}.jsonl" for code in ("fra_Latn", "tha_Thai")]
    assert sorted(path.name for path in tmp_path.rglob("*.jsonl")) == names
    for code in ("fra_Latn", "tha_Thai"):
        lines = (tmp_path / "new" / f"{code}.jsonl").read_text("utf-8").splitlines()
        assert [json.loads(line) for line in lines] == asked[code]
        task = json.loads((tmp_path / "new" / f"udhr_cloze_{code}.yaml").read_text())
        assert task["task"] == f"udhr_cloze_{code}"
        assert task["num_fewshot"] == 0
