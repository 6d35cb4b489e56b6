"""One run measures many things, each segment read as seldom as can be, and nothing twice."""

import gc
import weakref
from dataclasses import replace

import pytest

from evaluators import corpora, embeddings, job
from evaluators.corpora.corpus import content_hash
from evaluators.engine import Engine
from evaluators.keeping import UnknownLanguages
from evaluators.measurer import Measurer
from evaluators.options import Options, wanted
from results.evaluation import Wanted
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.repo import Repo, check
from results.settings import settings

CODES = ["eng_Latn", "fra_Latn", "deu_Latn", "tha_Thai"]
N = 12


@pytest.fixture(scope="module")
def corpus():
    whole = corpora.load("udhr", cache=settings().cache)
    texts = {code: whole.languages[code][:N] for code in CODES}
    return replace(whole, languages=texts, hash=content_hash(texts), n=N)


@pytest.fixture
def passes(loaded):
    """Batches that the model was run on."""
    found = []
    handle = loaded.model.register_forward_hook(lambda *_: found.append(1))
    yield found
    handle.remove()


@pytest.fixture(scope="module")
def all_of_it(loaded, corpus, tmp_path_factory):
    """A repo with all that a decoder can be measured by, to two pivots."""
    options = Options(("all",), ("all",), ("all",), ("all",), ("eng_Latn", "fra_Latn"))
    root = tmp_path_factory.mktemp("all")
    return root, job.evaluate(loaded, corpus, CODES, wanted(options, loaded), Repo(root))


def test_every_language_is_there_under_every_configuration_and_the_records_hold(all_of_it, loaded):
    root, configurations = all_of_it
    assert check(root) == []
    plain = {each.name for each in embeddings.available(loaded)}
    assert plain < set(EMBEDDINGS) and "echo" in plain and "moe-routing" not in plain
    assert {each.name for each in configurations} == {*SCORES, *STATISTICS}
    noise = [each for each in configurations if each.parameters.options]
    assert len(noise) == 2 * len(NOISES)
    for each in configurations:
        record = Repo(root).record(loaded.about, each)
        assert record.languages() == set(CODES)
        for row in record.scores:
            pivot = row.language == each.parameters.pivot
            there = row.curves if each.name in STATISTICS else row.values
            assert bool(there) != pivot, (each.name, row.language)


def test_noise_lowers_what_it_should_and_leaves_the_pivot(all_of_it, loaded):
    root, configurations = all_of_it
    repo = Repo(root)
    clean, *noisy = [
        each for each in configurations
        if each.name == "alignment" and each.parameters.embedding == "weighted-mean@1"
        and each.parameters.pivot == "eng_Latn"
    ]  # fmt: skip
    tokens = [
        {row.language: row.tokens for row in repo.record(loaded.about, each).scores}
        for each in (clean, *noisy)
    ]
    assert all(each["eng_Latn"] == tokens[0]["eng_Latn"] for each in tokens)
    assert all(each["fra_Latn"] != tokens[0]["fra_Latn"] for each in tokens[1:])


def test_the_published_score_does_not_depend_on_what_else_is_measured(
    all_of_it, loaded, corpus, tmp_path
):
    usual = wanted(Options(), loaded)
    assert usual.embeddings == ("weighted-mean", "last-token")
    for each in job.evaluate(loaded, corpus, CODES, usual, Repo(tmp_path)):
        alone = Repo(tmp_path).record(loaded.about, each).scores
        beside = {r.language: r for r in Repo(all_of_it[0]).record(loaded.about, each).scores}
        for row in alone:
            assert beside[row.language].layers == row.layers
            assert beside[row.language].values == row.values
            assert (beside[row.language].tokens, beside[row.language].cut) == (row.tokens, row.cut)


def test_what_shares_a_forward_pass_does(loaded, corpus, passes, tmp_path):
    def run(what, folder):
        passes.clear()
        job.evaluate(loaded, corpus, CODES, what, Repo(tmp_path / folder))
        return len(passes)

    single = run(Wanted(("weighted-mean",)), "single")
    plain = tuple(each.name for each in embeddings.available(loaded) if each.reading == "plain")
    assert len(plain) >= 6
    assert run(Wanted(plain, tuple(SCORES), tuple(STATISTICS)), "plain") == single
    noisy = Wanted(("weighted-mean",), noises=(("drops", 0.1), ("characters", 0.2)))
    spoiled = run(noisy, "noise")
    assert spoiled > single
    # The second pivot is spoiled too, as a language beside the first.
    pivots = ("eng_Latn", "fra_Latn")
    one_more = run(replace(noisy, pivots=("fra_Latn",)), "french") - single
    assert run(replace(noisy, pivots=pivots), "pivots") < spoiled + one_more


def test_curvature_is_of_every_layer_beside_a_method_of_one_vector(loaded, corpus, tmp_path):
    wants = Wanted(("layer-average",), statistics=("curvature",))
    asked = job.evaluate(loaded, corpus, CODES[:2], wants, Repo(tmp_path))
    record = Repo(tmp_path).record(loaded.about, asked[-1])
    assert record.evaluator.name == "curvature"
    assert [len(row.curves["value"]) for row in record.scores] == [loaded.about.layers] * 2


def test_nothing_is_measured_twice_and_what_is_new_is_added(loaded, corpus, passes, tmp_path):
    repo, usual = Repo(tmp_path), Wanted(("weighted-mean",))
    job.evaluate(loaded, corpus, CODES[:2], usual, repo)
    first = len(passes)
    job.evaluate(loaded, corpus, CODES[:2], usual, repo)
    assert len(passes) == first
    seen = []
    job.evaluate(loaded, corpus, CODES[:3], usual, repo, seen.append)
    assert [(now.doing, now.total) for now in seen] == [("deu_Latn", 1), ("", 1)]
    more = replace(usual, scores=("alignment", "csls"))
    asked = job.evaluate(loaded, corpus, CODES[:3], more, repo)
    assert [repo.record(loaded.about, each).languages() for each in asked] == 2 * [{*CODES[:3]}]


def test_a_method_that_the_model_cannot_give_is_refused_before_a_pass(loaded, corpus, passes):
    asked = Wanted(("moe-routing",)).configurations("udhr", corpus.hash, None, N)
    with pytest.raises(ValueError, match="experts"):
        Measurer(loaded, {"eng_Latn": corpus.languages["eng_Latn"]}, asked, None)
    assert not passes


def test_what_can_be_given_is_kept_before_the_rest_is_refused(loaded, corpus, tmp_path):
    wants = Wanted(("weighted-mean", "moe-routing"))
    with pytest.raises(ValueError, match=r"embedding method moe-routing: .* experts"):
        job.evaluate(loaded, corpus, CODES[:2], wants, Repo(tmp_path))
    ((_, record),) = Repo(tmp_path).records()
    assert record.evaluator.parameters.embedding == "weighted-mean@1"
    assert record.languages() == {*CODES[:2]}


def test_a_row_has_the_seconds_and_cuts_of_the_readings_that_its_method_needs(
    loaded, corpus, monkeypatch
):
    told = {"seconds": {"plain": 10.0, "echo": 50.0}, "cuts": {"plain": 0, "echo": 3}}
    embed = Engine.embed
    monkeypatch.setattr(Engine, "embed", lambda *words: replace(embed(*words), **told))
    texts = {code: corpus.languages[code] for code in CODES[:2]}
    asked = Wanted(("weighted-mean", "echo")).configurations("udhr", corpus.hash, None, N)
    found = Measurer(loaded, {CODES[0]: texts[CODES[0]]}, asked, None).measure(
        CODES[1], texts[CODES[1]], asked
    )
    rows = {each.configuration.parameters.embedding: each.score for each in found}
    usual, echo = rows["weighted-mean@1"], rows["echo@1"]
    assert (usual.cut, echo.cut) == (0, 3)
    assert 10 <= usual.seconds < 50 <= echo.seconds


def test_no_vectors_but_the_pivots_stay_in_memory(loaded, corpus, tmp_path, monkeypatch):
    made, alive = [], []
    real = Engine.embed

    def embed(engine, texts):
        found = real(engine, texts)
        made.append([weakref.ref(each) for layers in found.vectors.values() for each in layers])
        return found

    def report(progress):
        gc.collect()
        alive.append(sum(any(ref() is not None for ref in each) for each in made))

    monkeypatch.setattr(Engine, "embed", embed)
    job.evaluate(loaded, corpus, CODES, wanted(Options(), loaded), Repo(tmp_path), report)
    assert len(made) == len(CODES) and alive
    # Those of the language that has just been measured may not be gone yet.
    assert max(alive) <= 2


def test_a_pivot_that_the_corpus_lacks_is_named(loaded, corpus, tmp_path):
    wants = Wanted(("mean",), pivots=("yor_Latn",))
    with pytest.raises(UnknownLanguages, match="has no yor_Latn"):
        job.evaluate(loaded, corpus, CODES, wants, Repo(tmp_path))
