"""Made-up records of everything that can be measured, as a job writes them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from results.corpora import Card, CardLanguage, write_card
from results.evaluation import Wanted
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.repo import Repo, keeps_hits
from results.schema import SCHEMA_VERSION, Evaluator, LanguageScore, Model, Run, Value
from results.tasks import COMPARED, TASKS, configuration

N, HALF, STATES = 20, 12, 5
PIVOT = "eng_Latn"
LANGUAGES = (
    *("arb_Arab", "cmn_Hans", "deu_Latn", "fra_Latn", "hin_Deva", "ind_Latn", "rus_Cyrl"),
    *("spa_Latn", "swh_Latn", "tam_Taml", "tur_Latn", "vie_Latn"),
)
"""Of the languages, sorted; near to the pivot or far, by their place."""
HASH = hashlib.sha256(b"made up for tests").hexdigest()
DIMENSIONS = ("d-4", "d-8", "d-16", "d-32", "d-64")
PLAIN = tuple(name for name, each in EMBEDDINGS.items() if each.reading in ("plain", "echo"))
EVERYTHING = Wanted(
    embeddings=PLAIN,
    scores=tuple(SCORES),
    statistics=tuple(STATISTICS),
    noises=tuple((name, 0.1) for name in NOISES),
)
USUAL = Wanted(embeddings=("weighted-mean", "last-token"))
RUN = Run(
    started=datetime(2026, 11, 2, tzinfo=UTC),
    device="cpu",
    machine="made up",
    threads=1,
    batch_tokens=None,
    software={},
)
STRENGTHS = {"Strong": 0.9, "Middling": 0.6, "Bare": 0.5}
"""The last has only what every submission measures, and nothing on the other half."""


def write(root: Path) -> Path:
    """Three models and their corpus below `root`."""
    repo = Repo(root)
    write_card(_card(), root)
    for at, (name, strength) in enumerate(STRENGTHS.items()):
        wanted = USUAL if name == "Bare" else EVERYTHING
        model = model_of(name)
        whole = wanted.configurations("udhr", HASH, None, N)
        halves = replace(wanted, statistics=(), noises=()).configurations(
            "udhr", HASH, COMPARED, HALF
        )
        for k, evaluator in enumerate([*whole, *(halves if name != "Bare" else [])]):
            _add(repo, model, evaluator, strength, np.random.default_rng([at, k]))
        if name != "Bare":
            _cloze(repo, model, strength, np.random.default_rng(at))
    return root


def add_statistic(root: Path, name: str, pivot: str) -> None:
    """A statistic of the first model beside another pivot, of its first three languages."""
    repo = Repo(root)
    (record,) = (
        each
        for _, each in repo.records()
        if (each.model.name, each.evaluator.name) == ("Strong", name)
    )
    asked = record.evaluator.parameters.model_copy(update={"pivot": pivot})
    evaluator = record.evaluator.model_copy(update={"parameters": asked})
    some = [score for score in record.scores if score.curves][:3]
    repo.add(record.model, evaluator, None, RUN, some, {})


def model_of(name: str) -> Model:
    """A model of this board."""
    return Model(
        id=f"org/{name.lower()}",
        revision=hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(),
        weights="bfloat16",
        dtype="float32",
        file=None,
        name=name,
        architecture="llama",
        parameters=100_000_000,
        layers=STATES,
        hidden_size=64,
        licence="mit",
        base_model=None,
    )


def _card() -> Card:
    return Card(
        schema_version=SCHEMA_VERSION,
        name="udhr",
        split=None,
        hash=HASH,
        n=N,
        licence="made up",
        text_public=False,
        languages=[CardLanguage(code=c, counted=True) for c in sorted((PIVOT, *LANGUAGES))],
        left_out=[],
        warnings=[],
    )


def _add(
    repo: Repo, model: Model, evaluator: Evaluator, strength: float, rng: np.random.Generator
) -> None:
    n, name = evaluator.parameters.n, (evaluator.parameters.embedding or "").partition("@")[0]
    states = 1 if EMBEDDINGS[name].single else STATES
    spoiled = 0.7 if evaluator.parameters.options else 1.0
    scores, kept = [_score(PIVOT)], {}
    for at, code in enumerate(LANGUAGES):
        if evaluator.name in STATISTICS:
            scores.append(_score(code, curves=_curves(evaluator.name, at, states, rng)))
            continue
        share = strength * spoiled * (1 - at / len(LANGUAGES))
        hits = rng.random((states, n)) < share * np.linspace(0.6, 1, states)[:, None]
        layers = hits.mean(axis=1)
        values = {"mean": _value(layers.mean()), "max": _value(layers.max())}
        if keeps_hits(evaluator):
            kept[code] = hits
        else:
            values = {
                k: v.model_copy(update={"low": None, "high": None}) for k, v in values.items()
            }
        chance = [0.05] * states
        scores.append(_score(code, values=values, layers=layers.tolist(), layers_chance=chance))
    if evaluator.name in STATISTICS and not STATISTICS[evaluator.name].pivoted:
        scores[0] = _score(PIVOT, curves=_curves(evaluator.name, 0, states, rng))
    repo.add(model, evaluator, "made-up@1" if kept else None, RUN, scores, kept)


def _curves(name: str, at: int, states: int, rng: np.random.Generator) -> dict[str, list[float]]:
    names = DIMENSIONS if name == "leading-dimensions" else ("value",)
    return {
        each: (at - 3 + k + np.arange(states) + rng.random(states)).round(6).tolist()
        for k, each in enumerate(names)
    }


def _value(value: float) -> Value:
    return Value(value=float(value), low=max(0, value - 0.1), high=min(1, value + 0.1), chance=0.04)


def _score(code: str, **more: object) -> LanguageScore:
    known = {"tokens": 900, "tokens_ratio": 1.5, "cut": 0, "seconds": 1.0, "run": 0}
    return LanguageScore.model_validate({"language": code, **known, **more})


def _cloze(repo: Repo, model: Model, strength: float, rng: np.random.Generator) -> None:
    evaluator = configuration(TASKS["udhr-cloze"], HASH)
    scores = []
    for at, code in enumerate((PIVOT, *LANGUAGES)):
        accuracy = 0.25 + 0.6 * strength * (1 - at / 13) + 0.05 * rng.random()
        value = Value(value=accuracy, low=accuracy - 0.1, high=accuracy + 0.1, chance=0.4)
        scores.append(_score(code, values={"accuracy": value}, questions=21, stderr=0.1))
    repo.add(model, evaluator, "wilson@1", RUN, scores, {})
