"""Every embedding method gives what its formula gives, whatever the batches, with few passes."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import twins
from tiny_models import ENGLISH, FRENCH, KINDS, POSITIONS, tiny

from evaluators import embeddings
from evaluators.embeddings import clipped_mean, layer_average, moe_routing, token_prepending
from evaluators.embeddings.kinds import Apart
from evaluators.engine import Engine
from results.methods import EMBEDDINGS

APART = {name for name, kind in embeddings.METHODS.items() if isinstance(kind, Apart)}


def stack_methods(loaded):
    """The methods that read the model's own stack of blocks."""
    return [method for method in embeddings.available(loaded) if method.name not in APART]


def same(found, expected, what):
    assert len(found) == len(expected), what
    for layer, (ours, slow) in enumerate(zip(found, expected, strict=True)):
        assert ours.dtype == np.float32 and ours.shape == slow.shape, (what, layer)
        assert np.abs(ours - slow).max() <= 2e-5 * max(1, np.abs(slow).max()), (what, layer)


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_gives_what_its_formula_gives(kind):
    loaded = tiny(kind)
    methods = stack_methods(loaded)
    run = Engine(loaded, methods, 150)
    run.batcher.threads = 2
    pivot, french = run.embed(ENGLISH), run.embed(FRENCH)
    assert len(methods) >= (8 if kind == "bert" else 9)
    for method in methods:
        if method.name == "token-prepending" and kind != "llama":
            continue
        expected = twins.of(method)
        for embedded, texts in ((pivot, ENGLISH), (french, FRENCH)):
            found = embeddings.vectors(method, embedded, pivot)
            if method.name == "whitened-first-last":
                found, slow = gram(found), gram(expected(loaded, texts, ENGLISH))
                assert np.abs(found - slow).max() < 1e-2
                continue
            same(found, expected(loaded, texts, ENGLISH), method.name)


def gram(layers):
    """Products of all pairs: axes of equal variance may come turned."""
    (vectors,) = layers
    return vectors @ vectors.T


@pytest.mark.parametrize("kind", KINDS)
def test_one_segment_at_a_time_gives_the_same(kind):
    loaded = tiny(kind)
    methods = stack_methods(loaded)
    together, alone = Engine(loaded, methods, 4000), Engine(loaded, methods, 1)
    found, expected = together.embed(FRENCH), alone.embed(FRENCH)
    assert found.vectors.keys() == expected.vectors.keys()
    for name, layers in expected.vectors.items():
        same(found.vectors[name], [layer.astype(float) for layer in layers], name)


def test_methods_of_a_reading_share_a_pass(monkeypatch):
    loaded = tiny("mixtral")
    passes = []
    hook = loaded.model.register_forward_pre_hook(lambda *_: passes.append(1))
    try:
        for names, expected in (
            (["weighted-mean"], 1),
            (["moe-routing"], 1),
            ([n for n in EMBEDDINGS if EMBEDDINGS[n].reading in ("plain", "routed")], 1),
            (["echo", "mean"], 2),
            ([method.name for method in stack_methods(loaded)], 4),
        ):
            run = Engine(loaded, embeddings.methods(names), 100_000)
            run.batcher.threads = 1
            run.embed(ENGLISH[:2])
            passes.clear()
            pivot = run.embed(ENGLISH)
            other = run.embed(FRENCH)
            assert len(passes) == 2 * expected, names
            for method in run.methods:
                for against in (pivot, other):
                    embeddings.vectors(method, other, against)
            assert len(passes) == 2 * expected, names
    finally:
        hook.remove()


def test_a_fit_follows_the_pivot():
    loaded = tiny("llama")
    (method,) = embeddings.methods(["whitened-first-last"])
    run = Engine(loaded, [method], 500)
    english, french = run.embed(ENGLISH), run.embed(FRENCH)
    assert list(english.vectors) == ["mean@1"]
    for pivot in (english, french):
        (own,) = embeddings.vectors(method, pivot, pivot)
        np.testing.assert_allclose(np.cov(own, rowvar=False), np.eye(own.shape[1]), atol=1e-4)
        assert own.shape[1] == len(ENGLISH) - 1
    (one,), (two,) = (embeddings.vectors(method, english, p) for p in (english, french))
    assert np.abs(one @ one.T - two @ two.T).max() > 1e-2


def test_outlier_dimensions_are_those_of_the_pivot():
    rng = np.random.default_rng(0)
    pivot = rng.normal(size=(5, 64)).astype(np.float32)
    pivot[:, 7] += 50
    other = rng.normal(size=(4, 64)).astype(np.float32)
    other[:, 3] += 50
    (clipped,) = clipped_mean.derive([[other]], [[pivot]])
    assert clipped_mean.outliers(pivot).nonzero()[0].tolist() == [7]
    assert not clipped[:, 7].any()
    np.testing.assert_array_equal(np.delete(clipped, 7, 1), np.delete(other, 7, 1))


def test_an_outlier_is_more_than_three_deviations_away():
    mean = np.tile([1.0, -1.0], 500)
    mean[[7, 9]] = 3.3, 2.8
    assert np.abs(mean[[7, 9]] - mean.mean() - 3 * mean.std()).min() > 0.2
    assert clipped_mean.outliers(np.stack([mean] * 3)).nonzero()[0].tolist() == [7]


def test_token_prepending_hands_on_as_far_as_the_authors_of_32_blocks_do():
    """Their settings for Llama 2 7B: `tp_starting_index` 1, `tp_exiting_index` 7, exclusive."""
    assert list(range(32))[1 : token_prepending.early(32)] == [1, 2, 3, 4, 5, 6]
    for depth in range(2, 40):
        assert 1 < token_prepending.early(depth) <= depth


def test_the_placeholder_stands_before_the_quote():
    tokenizer = tiny("llama").tokenizer
    row = token_prepending.read(tokenizer, "Non.", 100)
    without = row.ids[: row.place] + row.ids[row.place + 1 :]
    assert without == tokenizer('This sentence: "Non." means in one word: "')["input_ids"]
    assert tokenizer.decode(row.ids[1 : row.place]) == "This sentence:"


def test_states_are_normalised_as_layer_norm_does():
    states = torch.tensor([[[3.0, -1.0, 1.0, 5.0]]]) * 1e-2
    expected = (states - 0.02) / torch.sqrt(torch.tensor(5e-4 + 1e-5))
    torch.testing.assert_close(layer_average.normalised(states), expected)


def test_what_a_model_cannot_give_is_refused_before_any_pass():
    refused = {
        ("llama", "moe-routing"): "tiny/llama has no experts",
        ("llama", "moe-routing-hidden"): "tiny/llama has no experts",
        ("bert", "prompt-last"): "tiny/bert is an encoder",
        ("bert", "token-prepending"): "tiny/bert is an encoder",
    }
    for (kind, name), words in refused.items():
        loaded = tiny(kind)
        hook = loaded.model.register_forward_pre_hook(lambda *_: pytest.fail("a pass"))
        try:
            with pytest.raises(ValueError, match=words):
                Engine(loaded, embeddings.methods(["weighted-mean", name]), 100)
        finally:
            hook.remove()
        assert EMBEDDINGS[name] not in embeddings.available(loaded)


def test_a_tokenizer_without_offsets_gives_no_echo():
    whole = tiny("llama")
    slow = SimpleNamespace(**{**vars(whole), "tokenizer": SimpleNamespace(is_fast=False)})
    with pytest.raises(ValueError, match="does not tell where in a text its tokens lie"):
        embeddings.check(embeddings.methods(["echo"]), slow)


def test_long_segments_are_cut_and_counted_by_reading():
    loaded = tiny("llama")
    names = ["weighted-mean", "echo", "prompt-last", "token-prepending"]
    run = Engine(loaded, embeddings.methods(names), 500)
    middle, long = " ".join(FRENCH[:3]), " ".join(FRENCH * 3)
    found = run.embed(["Non.", middle, long])
    assert run.count([middle]) < POSITIONS < 2 * run.count([middle])
    assert found.cuts == {"plain": 1, "echo": 2, "prompt": 1, "prepended": 1}
    assert max(found.cuts.values()) == 2 and found.tokens == run.count(["Non.", middle, long])
    for reading, overhead in (("echo", 0), ("prompt", 0), ("prepended", 1)):
        row = embeddings.READINGS[reading](loaded.tokenizer, long, POSITIONS)
        assert row.cut and POSITIONS - 8 <= len(row.ids) <= POSITIONS
        text = loaded.tokenizer.decode(row.ids)
        assert text.endswith('means in one word: "') or reading == "echo", overhead
    row = embeddings.READINGS["echo"](loaded.tokenizer, long, POSITIONS)
    again = loaded.tokenizer.decode(row.ids[row.start : row.stop]).strip()
    assert long.startswith(again) and len(again) > 100


def test_routers_that_tell_shares_are_taken_at_their_word():
    logits = torch.tensor([[0.5, -1.0, 2.0], [0.0, 0.0, 1.0]])
    told = moe_routing.shares(logits)
    torch.testing.assert_close(told, logits.softmax(dim=-1))
    torch.testing.assert_close(moe_routing.shares(told), told)


def test_curvature_is_of_each_segments_own_tokens():
    from evaluators.statistics.curvature import angles

    loaded = tiny("gemma3_text")
    run = Engine(loaded, embeddings.methods(["echo"]), 500, curvature=True)
    found = run.embed(FRENCH)
    assert list(found.vectors) == ["echo@1"] and found.curvature.shape == (4, len(FRENCH))
    for i, text in enumerate(FRENCH):
        states = torch.tensor(twins.alone(loaded, text))
        expected = angles(states, torch.ones(states.shape[:2]))
        np.testing.assert_allclose(found.curvature[:, i], expected, atol=1e-4)
