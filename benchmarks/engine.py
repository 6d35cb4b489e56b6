"""`python -m benchmarks.engine MODEL`: the engine beside one segment at a time, in one run."""

from __future__ import annotations

import os
import time
from typing import Annotated

import torch
import typer

from evaluators import corpora, embeddings
from evaluators.alignment import align
from evaluators.engine import Engine
from evaluators.models.load import batch_tokens, load
from evaluators.models.source import find
from results.settings import settings


def one_at_a_time(engine: Engine, texts: tuple[str, ...]) -> float:
    """Seconds to pass each segment alone, all states kept, headless; as published scripts do."""
    begun = time.perf_counter()
    for text in texts:
        ids = torch.tensor([engine.encode(text)], device=engine.device)
        with torch.inference_mode():
            engine.hidden_states.model(input_ids=ids, output_hidden_states=True)
    return time.perf_counter() - begun


def main(
    model: Annotated[str, typer.Argument(help="as for `python -m evaluators run`")],
    languages: Annotated[str, typer.Option(help="codes with commas between")] = "fra_Latn,arb_Arab",
) -> None:
    """Print seconds a language for both ways, and the seconds of scoring."""
    cache = settings().cache
    corpus = corpora.load("udhr", cache=cache)
    loaded = load(find(model, cache), cache)
    methods = embeddings.methods(embeddings.METHODS)
    engine = Engine(loaded.model, loaded.tokenizer, methods, batch_tokens(loaded.model))
    reference = engine.embed(corpus.languages["eng_Latn"])
    where = f"{engine.device}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{loaded.about.name}, {where}")
    print(
        f"{'language':10} {'tokens':>7} {'alone, s':>9} {'engine, s':>10} {'ratio':>6} {'score, s'}"
    )
    for code in languages.split(","):
        texts = corpus.languages[code]
        slow = one_at_a_time(engine, texts)
        begun = time.perf_counter()
        embedded = engine.embed(texts)
        fast = time.perf_counter() - begun
        begun = time.perf_counter()
        for method in map(str, methods):
            align(reference.vectors[method], embedded.vectors[method], 0)
        score = time.perf_counter() - begun
        row = f"{code:10} {embedded.tokens:7} {slow:9.1f} {fast:10.1f}"
        print(f"{row} {slow / fast:6.2f} {score:8.2f}")


if __name__ == "__main__":
    typer.run(main)
