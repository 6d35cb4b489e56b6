"""A Ray cluster: the connection, what travels to its nodes, and room for a model's workers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from huggingface_hub import HfApi
from safetensors import SafetensorError, safe_open

from evaluators.models.source import TIMEOUT
from evaluators.ray_worker import secrets
from results.hub import REFUSED
from results.packaged import packaged

ROOT = Path(__file__).parent.parent
ROOM = 1.35
"""Memory that a loaded model takes, over its weights in the compute dtype."""
WIDTH = {"float32": 4, "bfloat16": 2, "float16": 2}
TOKEN_FILE = Path.home() / ".ray" / "auth_token"
"""Where Ray keeps the token that it asks of whoever connects."""
PASSED = ("HF_ENDPOINT",)
"""Settings of the driver that hold on the nodes too; caches and proxies are the nodes' own."""


class ClusterError(ValueError):
    """Raised when the cluster cannot be used or its workers die; the message is for a person."""


def ray() -> Any:  # noqa: ANN401
    """The library. Raises ClusterError, saying what to install."""
    try:
        import ray as library
    except ImportError:
        raise ClusterError("a Ray cluster needs Ray: pip install ray==2.60.0") from None
    return library


@contextmanager
def connected(address: str) -> Iterator[None]:
    """A connection to the cluster at `auto`, `HOST:PORT` or `ray://HOST:PORT`, closed at the end.

    `local` starts one on this machine for as long. This code travels to the nodes; what it imports
    (requirements-eval.txt) must be installed there. No secret of this process travels.

    Raises:
        ClusterError: Ray is not installed, or nothing answers there.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray itself looks for a token only where no address is given.
    if {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys() or TOKEN_FILE.exists():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    library = ray()
    local = {"include_dashboard": False} if address == "local" else {}
    try:
        library.init(
            address=address,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env=runtime_env(os.environ),
            **local,
        )
    except (OSError, RuntimeError, ValueError, library.exceptions.RayError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ClusterError(
            f"the Ray cluster {address} cannot be used: {said[:300]}. If it asks for a token, "
            "set RAY_AUTH_TOKEN_PATH to the file that holds it"
        ) from None
    try:
        yield
    finally:
        library.shutdown()


def runtime_env(environment: Mapping[str, str]) -> dict[str, Any]:
    """The code that workers run, and their variables: Ray shows these, so no secret is in them."""
    quiet = {"TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "true"}
    passed = {name: environment[name] for name in PASSED if name in environment}
    return {
        "py_modules": [str(ROOT / "evaluators"), str(ROOT / "results")],
        "excludes": ["data/", "__pycache__/"],
        "env_vars": {**quiet, **passed, **dict.fromkeys(secrets(list(environment)), "")},
    }


def place(nodes: Iterable[Mapping[str, Any]], parts: int, memory: int) -> dict[str, Any]:
    """Options of an actor: one GPU each where there are any, else a fair share of the processors.

    nodes: what `ray.nodes()` returns; memory: bytes, 0 when unknown.

    Raises:
        ClusterError: no node is large enough, which Ray would wait for without end.
    """
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    gpu = int(any(each.get("GPU", 0) >= 1 for each in alive))
    able = [each for each in alive if each.get("CPU", 0) >= 1 and each.get("GPU", 0) >= gpu]
    most = max((each.get("memory", 0) for each in able), default=0)
    if not able:
        raise ClusterError("the Ray cluster has no node with a free processor for a job")
    if most < memory:
        raise ClusterError(
            f"the model needs {memory / 2**30:.1f} GiB of memory, the largest node of the "
            f"Ray cluster has {most / 2**30:.1f}: add a larger one"
        )
    cpus = [int(each["CPU"]) for each in able if each.get("memory", 0) >= memory]
    fair = [n for n in range(1, max(cpus) + 1) if sum(each // n for each in cpus) >= parts]
    count = 1 if gpu else max(fair, default=1)
    options: dict[str, Any] = {"num_cpus": count, "num_gpus": gpu, "max_restarts": 0}
    return options | ({"memory": memory} if memory else {})


class Pinned(NamedTuple):
    """A model as workers are told of it. memory: bytes to reserve; closed: read with a token."""

    model: str
    revision: str | None
    memory: int
    closed: bool


def pinned(model: str, revision: str | None, file: str | None, dtype: str) -> Pinned:
    """The model as workers are told of it, its revision, and the memory to reserve, in bytes.

    A path becomes absolute, a Hub revision the commit that it names now, so that all workers load
    the same. The memory is 0 where the size cannot be told; what is wrong with a model is for the
    first worker to say.
    """
    count: int | None = None
    closed = False
    if model.startswith("pypi:"):
        try:
            known = packaged(model)
        except ValueError as error:
            raise ClusterError(str(error)) from None
        count = known.parameters if known else None
    elif Path(model).expanduser().exists():
        path = Path(model).expanduser().resolve()
        model, count = str(path), _parameters(path)
    else:
        try:
            info = HfApi().model_info(model, revision=revision, timeout=TIMEOUT)
        except (*REFUSED, ValueError):
            return Pinned(model, revision, 0, True)
        revision = info.sha
        closed = bool(info.gated or info.private)
        held = info.gguf if file or not info.safetensors else info.safetensors
        count = held.get("total") if isinstance(held, dict) else getattr(held, "total", None)
    return Pinned(model, revision, int((count or 0) * WIDTH.get(dtype, 4) * ROOM), closed)


def _parameters(path: Path) -> int | None:
    """Parameters in a folder's safetensors or a GGUF file, from the headers; None: not readable."""
    try:
        if path.is_file():
            from gguf import GGUFReader

            return sum(int(tensor.n_elements) for tensor in GGUFReader(path).tensors)
        count = 0
        for each in path.glob("*.safetensors"):
            with safe_open(each, framework="np") as tensors:
                count += sum(prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
    except (OSError, ValueError, SafetensorError):
        return None
    return count
