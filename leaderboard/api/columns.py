"""The columns of the flat tables that endpoints give for download, with their types."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TEXT, COUNT, NUMBER, TRUTH = pa.string(), pa.int64(), pa.float64(), pa.bool_()
MODEL = {
    "model": TEXT, "id": TEXT, "revision": TEXT, "weights": TEXT, "dtype": TEXT, "name": TEXT,
    "architecture": TEXT, "kind": TEXT, "parameters": COUNT, "licence": TEXT, "base_model": TEXT,
    "states": COUNT, "hidden_size": COUNT,
}  # fmt: skip
LANGUAGE = {
    "language": TEXT, "language_name": TEXT, "autonym": TEXT, "script": TEXT, "family": TEXT,
    "region": TEXT,
}  # fmt: skip
AVERAGE = {"value": NUMBER, "low": NUMBER, "high": NUMBER}
SCORE = {**AVERAGE, "chance": NUMBER, "at_chance": TRUTH}
RANK = {"rank_low": COUNT, "rank_high": COUNT}
VIEW = {
    "view": TEXT, "corpus": TEXT, "corpus_hash": TEXT, "split": TEXT, "n": COUNT, "pivot": TEXT,
    "embedding": TEXT, "score": TEXT, "noise": TEXT,
}  # fmt: skip


def under(name: str, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns of an object below a name."""
    return {f"{name}_{part}": kind for part, kind in columns.items()}


COLUMNS: dict[str, dict[str, Any]] = {
    "models": {
        **MODEL,
        **under("mean", AVERAGE),
        **under("max", AVERAGE),
        **RANK,
        "above_chance": COUNT,
        "of": COUNT,
        "missing": COUNT,
        "tokens_ratio": NUMBER,
        "seconds": NUMBER,
        "machine": TEXT,
        "device": TEXT,
        "measured": TEXT,
        "languages": TEXT,
        "pooling": TEXT,
        **VIEW,
    },
    "languages": {
        **LANGUAGE,
        "iso": TEXT,
        "script_name": TEXT,
        "direction": TEXT,
        "continent": TEXT,
        "speakers": COUNT,
        "latitude": NUMBER,
        "longitude": NUMBER,
        "counted": TRUTH,
        "best_model": TEXT,
        "best_name": TEXT,
        "best_parameters": COUNT,
        **under("best", AVERAGE),
        "models": COUNT,
        "above_chance": COUNT,
        "tokens_ratio": NUMBER,
        "pooling": TEXT,
        **VIEW,
    },
    "scores": {
        **MODEL,
        **LANGUAGE,
        **under("mean", SCORE),
        **under("max", SCORE),
        **RANK,
        "best_layer": COUNT,
        "tokens": COUNT,
        "tokens_ratio": NUMBER,
        "cut": COUNT,
        "seconds": NUMBER,
        "counted": TRUTH,
        "pooling": TEXT,
        **VIEW,
    },
    "compare": {
        **LANGUAGE,
        "model": TEXT,
        "name": TEXT,
        **SCORE,
        "compared_to": TEXT,
        **under("difference", AVERAGE),
        "difference_p": NUMBER,
        "difference_significant": TRUTH,
        "pooling": TEXT,
        **VIEW,
    },
    "tasks": {
        **MODEL,
        "task": TEXT,
        "task_key": TEXT,
        "few_shot": COUNT,
        "limit": COUNT,
        "number": TEXT,
        **AVERAGE,
        "at_chance": TRUTH,
        "of": COUNT,
        "errors": TEXT,
        "reason": TEXT,
        **under("measured", AVERAGE),
        **under("english", AVERAGE),
        "languages": TEXT,
        "pooling": TEXT,
        **VIEW,
    },
    "trust": {
        **LANGUAGE,
        "model": TEXT,
        "model_name": TEXT,
        "task": TEXT,
        "task_key": TEXT,
        "alignment": NUMBER,
        "accuracy": NUMBER,
        **under("plain", AVERAGE),
        **under("corrected", AVERAGE),
        "residual": NUMBER,
        "outlier": TRUTH,
        "pooling": TEXT,
        **VIEW,
    },
    "agreement": {
        "task": TEXT,
        "task_key": TEXT,
        "mean_pearson": NUMBER,
        **under("difference", AVERAGE),
        "models": COUNT,
        "languages": COUNT,
        "pooling": TEXT,
        **VIEW,
    },
    "layers": {
        **MODEL,
        **LANGUAGE,
        "statistic": TEXT,
        "curve": TEXT,
        "layer": COUNT,
        "value": NUMBER,
        "counted": TRUTH,
        **VIEW,
    },
    "noise": {
        **MODEL,
        **LANGUAGE,
        **under("clean", SCORE),
        "noise_kind": TEXT,
        "noise_rate": NUMBER,
        **SCORE,
        "kept": NUMBER,
        "counted": TRUTH,
        "pooling": TEXT,
        **VIEW,
    },
    "forecast": {
        **MODEL,
        **LANGUAGE,
        "task": TEXT,
        "task_key": TEXT,
        **under("forecast", AVERAGE),
        "missing": TEXT,
        "error": NUMBER,
        "pooling": TEXT,
        **VIEW,
    },
}
