"""Random models of three blocks with tokenizers trained on a few sentences, made in no time."""

from functools import lru_cache
from types import SimpleNamespace

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

ENGLISH = [
    "All human beings are born free and equal in dignity and rights.",
    "They are endowed with reason and conscience.",
    "Everyone has the right to life, liberty and the security of person.",
    "No one shall be held in slavery or servitude; slavery shall be prohibited in all forms.",
    "No.",
    "Everyone has the right to rest and leisure, with reasonable limits of working hours.",
]
FRENCH = [
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Ils sont doués de raison et de conscience.",
    "Tout individu a droit à la vie, à la liberté et à la sûreté de sa personne.",
    "Nul ne sera tenu en esclavage ni en servitude ; l'esclavage est interdit.",
    "Non.",
    "Toute personne a droit au repos et aux loisirs, et à une limitation du travail.",
]
POSITIONS = 160
NAMES = ("pad_token", "bos_token", "eos_token")
SIZES = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": POSITIONS,
    "initializer_range": 0.3,
}
KINDS = {
    "llama": {"num_key_value_heads": 2},
    "gemma3_text": {"num_key_value_heads": 2, "head_dim": 8, "sliding_window": 8},
    "mixtral": {"num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2},
    "bert": {},
}


@lru_cache
def tokenizer(kind):
    """Byte-level pieces; decoders begin with <s> and pad left, BERT has [CLS] and [SEP]."""
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    special = ["<pad>", "<s>", "</s>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(ENGLISH + FRENCH, trainer)
    end = " </s>" if kind == "bert" else ""
    pieces.post_processor = processors.TemplateProcessing(
        single=f"<s> $A{end}", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    side = "right" if kind == "bert" else "left"
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces, padding_side=side, **dict(zip(NAMES, special, strict=True))
    )


@lru_cache
def tiny(kind):
    """As the engine takes it, float32; called again it is the same."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, vocab_size=len(tokenizer(kind)), **{**SIZES, **KINDS[kind]})
    model = AutoModel.from_config(config, dtype=torch.float32).eval()
    with torch.no_grad():
        for module in model.modules():
            if "Router" in type(module).__name__:
                module.weight.normal_()
    about = SimpleNamespace(id=f"tiny/{kind}", architecture=kind)
    return SimpleNamespace(
        model=model, tokenizer=tokenizer(kind), whole=None, own=None, about=about, widths=()
    )
