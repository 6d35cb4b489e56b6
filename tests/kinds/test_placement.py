"""Where weights lie: on one device, or spread over several; the numbers stay the same."""

from pathlib import Path

import numpy as np
import pytest
import torch
from kinds_tools import PAIRS, STACKS, TEXTS, embedded, loaded, saved

from evaluators.models import placement

LLAMA = {"embed_tokens": "cpu", "layers.0": "cpu", "layers.1": "disk", "norm": "disk"}
SPREAD = {
    "llama": LLAMA | {"rotary_emb": "cpu"},
    "mixtral": LLAMA | {"rotary_emb": "cpu"},
    "mamba": {"embeddings": "cpu", "layers.0": "cpu", "layers.1": "disk", "norm_f": "disk"},
    "bert": {"embeddings": "cpu", "encoder.layer.0": "disk", "encoder.layer.1": "cpu"}
    | {"pooler": "cpu"},
    "t5": {"shared": "cpu", "encoder": "cpu", "decoder.embed_tokens": "cpu"}
    | {f"decoder.block.{i}": "disk" for i in range(3)}
    | {"decoder.final_layer_norm": "cpu"},
}


@pytest.mark.parametrize("kind", SPREAD)
def test_a_model_that_is_spread_gives_the_same_vectors(kind, words, tmp_path, monkeypatch):
    folder = saved(tmp_path / kind, words, kind, (STACKS | PAIRS)[kind])
    names = ["weighted-mean", "last-token", *(["decoder-first"] if kind in PAIRS else [])]
    expected = embedded(loaded(folder, tmp_path), TEXTS, names).vectors
    spread = {"device_map": SPREAD[kind], "offload_folder": str(tmp_path / "offloaded")}
    monkeypatch.setattr(placement, "options", lambda size: spread)
    found = loaded(folder, tmp_path)
    placed = (found.whole or found.model).hf_device_map
    assert {str(where) for where in placed.values()} == {"cpu", "disk"}
    vectors = embedded(found, TEXTS, names).vectors
    for method, layers in expected.items():
        for a, b in zip(layers, vectors[method], strict=True):
            # Tensors that lie elsewhere are summed in another order, a last digit apart.
            assert np.abs(a - b).max() <= 1e-6 * np.abs(a).max()


@pytest.mark.parametrize(
    ("accelerators", "free", "chosen"),
    [(1, 150, "first"), (1, 10, "first"), (4, 150, "first"), (4, 149, "auto")],
)
def test_blocks_are_spread_where_the_first_of_several_has_too_little_room(
    accelerators, free, chosen, monkeypatch
):
    first = torch.device("cuda")
    monkeypatch.setattr(placement, "device", lambda: first)
    monkeypatch.setattr(placement, "free", lambda where: free)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: accelerators)
    expected = "auto" if chosen == "auto" else {"": first}
    assert placement.options(100) == {"device_map": expected}


def test_what_is_asked_for_is_the_size_in_the_compute_dtype(words, tmp_path, monkeypatch):
    folder = saved(tmp_path / "llama", words, "llama", STACKS["llama"])
    asked = []
    monkeypatch.setattr(placement, "options", lambda size: asked.append(size) or {})
    count = loaded(folder, tmp_path).about.parameters
    loaded(folder, tmp_path, dtype="bfloat16")
    assert asked == [count * 4, count * 2]


def test_on_a_processor_weights_are_mapped(words, tmp_path):
    folder = saved(tmp_path / "llama", words, "llama", STACKS["llama"])
    found = loaded(folder, tmp_path)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc here")
    lines = [line for line in maps.read_text().splitlines() if str(folder) in line]
    held = [[int(end, 16) for end in line.split()[0].split("-")] for line in lines]
    for each in found.model.parameters():
        assert any(start <= each.data_ptr() < end for start, end in held)


def test_float32_is_multiplied_as_float32(words, tmp_path):
    backends = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [backend.allow_tf32 for backend in backends]
    try:
        for backend in backends:
            backend.allow_tf32 = True
        loaded(saved(tmp_path / "llama", words, "llama", STACKS["llama"]), tmp_path)
        assert not any(backend.allow_tf32 for backend in backends)
    finally:
        for backend, value in zip(backends, before, strict=True):
            backend.allow_tf32 = value
