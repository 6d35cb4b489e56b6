"""The engine's benchmark: it counts what the engine ran, and times each part for what it is."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import engine_parts, time_account
from benchmarks.engine import ours
from benchmarks.engine_parts import Product, Products, Replay, Spent
from evaluators.models.load import load_with_head
from evaluators.models.source import find
from results.settings import settings

CACHE = settings().cache


@pytest.fixture(scope="module")
def corpus():
    return time_account.corpus(CACHE, 5)


def test_the_published_procedure_gives_the_engines_vectors(tiny, loaded, corpus):
    headed = load_with_head(find(str(tiny), CACHE), CACHE)
    texts = corpus.languages["fra_Latn"]
    weighted, last = engine_parts.published(headed.model, headed.tokenizer, texts)
    embedded = ours(loaded).embed(texts)
    for method, alone in (("weighted-mean@1", weighted), ("last-token@1", last)):
        batched = np.stack(embedded.vectors[method], axis=1)
        assert np.allclose(batched, np.array(alone), atol=1e-5)


def test_products_are_those_that_the_engine_ran(loaded, corpus, one_thread):
    texts = corpus.languages["swh_Latn"]
    lengths = [len(loaded.tokenizer(text)["input_ids"]) for text in texts]
    linear = [m for m in loaded.model.modules() if isinstance(m, nn.Linear)]
    size = sum(layer.weight.numel() for layer in linear)
    for budget, rows in ((1, sum(lengths)), (10**6, max(lengths) * len(lengths))):
        engine = ours(loaded, budget)
        engine.embed(texts)
        with engine_parts.recorded(loaded.model) as products:
            engine.embed(texts)
        assert len(products.batches) == (len(texts) if budget == 1 else 1)
        assert all(len(batch) == len(linear) for batch in products.batches)
        assert products.operations == 2 * rows * size
    before = len(products.batches)
    engine.embed(texts)
    assert len(products.batches) == before


@pytest.mark.parametrize("threads", [1, 2])
def test_a_replay_is_the_same_products(threads, monkeypatch):
    torch.manual_seed(0)
    batch = [Product(7, torch.randn(3, 5)), Product(2, torch.randn(4, 3))]
    products = Products([batch, batch, batch])
    seen = []
    real = torch.mm

    def mm(given, weight, out):
        seen.append((tuple(given.shape), tuple(weight.shape)))
        real(given, weight, out=out)
        assert torch.equal(out, real(given, weight))

    before = torch.get_num_threads()
    monkeypatch.setattr(torch, "mm", mm)
    Replay(products, threads)()
    assert sorted(seen) == sorted([((7, 5), (5, 3)), ((2, 3), (3, 4))] * 3)
    assert torch.get_num_threads() == before
    monkeypatch.undo()
    with FlopCounterMode(display=False) as counted:
        Replay(products, 1)()
    assert counted.get_total_flops() == products.operations == 3 * 2 * (7 * 15 + 2 * 12)


def test_layers_that_were_passed_by_are_told_of():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    said = r"has 2 linear layers, batches passed \[1\]"
    with pytest.raises(RuntimeError, match=said), engine_parts.recorded(model):
        model[0](torch.ones(1, 2))
    with pytest.raises(RuntimeError, match="passed none"), engine_parts.recorded(model):
        pass


def test_ways_alternate_within_a_language_and_are_summed_over_languages(monkeypatch):
    ran = []
    monkeypatch.setattr(engine_parts, "timed", lambda act: Spent(act(), 1.0))

    def way(name, seconds):
        def act():
            ran.append(name)
            return seconds

        return act

    acts = [
        {"a": way("a1", 8.0), "b": way("b1", 2.0), "c": way("c1", 1.0), "c'": way("d1", 4.0)},
        {"a": way("a2", 4.0), "b": way("b2", 1.0), "c": way("c2", 1.0), "c'": way("d2", 0.5)},
    ]
    costs = engine_parts.alternated(acts, 2)
    assert ran == ["a1", "b1", "c1", "d1", "a2", "b2", "c2", "d2"] * 2
    assert costs["a"] == [Spent(12.0, 2.0)] * 2
    assert engine_parts.fastest(costs, ["c", "c'"]) == "c"
    assert engine_parts.ratios(costs, "b", "c") == [1.5, 1.5]
    assert engine_parts.ratios(costs, "b", "c", "processor") == [1.0, 1.0]


def test_time_is_of_the_innermost_label():
    ticks = iter([0.0, 1.0, 3.0, 4.0, 9.0, 10.0])
    spans = time_account.Spans(lambda: next(ticks))
    with spans.span("job"):
        with spans.span("scoring"):
            pass
        with pytest.raises(ValueError), spans.span("writing"):
            raise ValueError
    assert spans.seconds == {"scoring": 2.0, "writing": 5.0, "job": 3.0}
    assert spans.calls == {"scoring": 1, "writing": 1, "job": 1}


def test_time_of_other_threads_is_apart():
    spans = time_account.Spans()
    with spans.span("embedding"), ThreadPoolExecutor(1) as workers:
        workers.submit(spans.labelled("batch", time.sleep), 0.02).result()
    assert set(spans.seconds) == {"embedding"}
    assert spans.seconds["embedding"] >= spans.beside["batch"] >= 0.02


def test_a_module_belongs_to_what_it_is_for(loaded):
    block = loaded.model.layers[0]
    assert time_account.kind(block) is None
    assert time_account.kind(block.self_attn) == "attention"
    assert time_account.kind(block.self_attn.q_proj) == "matrix products"
    assert time_account.kind(block.mlp) == time_account.kind(block.mlp.act_fn)
    assert time_account.kind(block.mlp) == "activations and gates"
    assert time_account.kind(block.input_layernorm) == "norms"
    assert time_account.kind(loaded.model.rotary_emb) == "rotary positions"


@pytest.mark.parametrize("threads", [1, 2])
def test_the_account_is_whole(loaded, corpus, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        act = partial(time_account.once, loaded, corpus, ["fra_Latn"])
        act()
        shares = time_account.account(act, loaded.model)
    finally:
        torch.set_num_threads(before)
    assert sum(shares.values()) == pytest.approx(1)
    lines = {"matrix products", "attention", "rotary positions", "norms", "activations and gates"}
    lines |= {"pooling", "tokenising", "scoring", "writing", "job", time_account.REST}
    lines |= {time_account.EMBEDDING, time_account.WAITING if threads > 1 else "batches"}
    assert set(shares) == lines
    assert all(0 < share < 1 for share in shares.values())
    assert "forward" not in vars(loaded.model.layers[0].mlp)


def test_a_job_tells_time_and_memory_a_language(tiny):
    job = time_account.job(str(tiny), "float32", ["fra_Latn", "swh_Latn"], CACHE, 5)
    assert sum(job.seconds.values()) == pytest.approx(job.wall, rel=0.01)
    assert 0 < job.scoring < 1
    assert len(job.resident) == 3
    assert all(memory.rss >= memory.uss > 0 for memory in job.memory.values())
    assert len(job.again) == 2 * time_account.AGAIN
    grows = time_account.Job({}, 1.0, {}, [], [100.0, 102.0, 104.0])
    assert grows.slope == pytest.approx(2)


def test_what_is_never_called_is_told_of():
    points = (("writing", "results.repo:Repo.add"),)
    said = "never called: writing"
    with pytest.raises(RuntimeError, match=said), time_account.watched(points):
        pass
