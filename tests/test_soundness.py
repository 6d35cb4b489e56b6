from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from evaluators.corpora import soundness

WORDS = ["everyone", "has", "the", "right", "to", "life", "liberty", "and", "security", "law"]


def text(seed: int, n: int = 50) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(8, 40))) + f" {i}" for i in range(n)]


PIVOT = text(0)


def test_a_translation_of_the_pivot_is_sound() -> None:
    assert soundness.fault([segment + " x" for segment in PIVOT], PIVOT) is None


def test_a_placeholder_is_a_segment_without_a_letter() -> None:
    segments = [*PIVOT[:-2], "&1", "@"]
    assert soundness.fault(segments, PIVOT) == "a segment without a letter: 2 of 50"


def test_letters_of_any_script_are_letters() -> None:
    assert soundness.without_letter(["权", "ك", "ߒ", "1.", "—"]) == 2


def test_two_repeated_segments_are_borne_and_three_are_not() -> None:
    base = list(PIVOT)
    base[1] = base[2] = base[0]
    assert soundness.repeated(base) == 2
    assert "distinct" not in (soundness.fault(base, base) or "")
    base[3] = base[0]
    assert soundness.fault(base, base) == "fewer than 48 distinct segments: 47"


def test_three_cut_segments_are_outliers_and_two_are_borne() -> None:
    cut = [segment[:4] + str(i) if i in (5, 9) else segment for i, segment in enumerate(PIVOT)]
    assert soundness.length_outliers(cut, PIVOT) == [5, 9]
    assert soundness.fault(cut, PIVOT) is None
    cut[20] = "a"
    assert soundness.fault(cut, PIVOT) == (
        "three or more outliers in length ratio to the pivot: segments 6, 10, 21"
    )


def test_a_shift_by_one_segment_is_found_although_it_swells_the_spread() -> None:
    shifted = [*PIVOT[1:], PIVOT[0]]
    assert len(soundness.length_outliers(shifted, PIVOT)) > 2


def test_a_factor_below_two_is_no_outlier_in_a_close_translation() -> None:
    close = [segment + segment[: len(segment) // 2] * (i == 7) for i, segment in enumerate(PIVOT)]
    assert soundness.length_outliers(close, PIVOT) == []


@given(st.floats(0.2, 5))
def test_a_constant_ratio_makes_no_outlier(ratio: float) -> None:
    pivot = ["a" * 100 * (i + 1) for i in range(20)]
    segments = ["a" * round(100 * ratio * (i + 1)) for i in range(20)]
    assert soundness.length_outliers(segments, pivot) == []


def test_copies_keep_the_first_in_order() -> None:
    nearly = [
        segment.replace("liberty", "freedom") if i < 5 else segment
        for i, segment in enumerate(PIVOT)
    ]
    texts = {"b": PIVOT, "a": nearly, "c": text(1)}
    (name, (kept, share)), *rest = soundness.copies(texts, lambda name: name).items()
    assert (name, kept, rest) == ("b", "a", [])
    assert 0.9 < share < 1
    assert set(soundness.copies(texts, lambda name: -ord(name))) == {"a"}


def test_the_same_words_in_other_segments_are_no_copy() -> None:
    assert soundness.copies({"a": PIVOT, "b": PIVOT[1:] + PIVOT[:1]}, str) == {}


def test_share_of_words_by_hand() -> None:
    words = soundness.words_in_place(["a b b", "c"])
    assert words == {(0, "a"): 1, (0, "b"): 2, (1, "c"): 1}
    assert soundness.words_in_place(["人人生而自由"])[(0, "人生")] == 1
