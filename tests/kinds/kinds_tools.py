"""Random tiny models of each kind, saved as a Hub repo holds them, and how they are run."""

import json

import numpy as np
import torch
from transformers import AutoConfig, AutoModel

from evaluators import embeddings
from evaluators.engine import Engine
from evaluators.models import load, source
from results import giveable

SIZES = {
    "vocab_size": 300,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
ROTARY = SIZES | {"num_key_value_heads": 2, "head_dim": 8}
OLDER = {"vocab_size": 300, "bos_token_id": 1, "eos_token_id": 2}
EXPERTS = ROTARY | {"num_experts_per_tok": 2, "moe_intermediate_size": 16}
MAMBA2 = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 4, "mamba_chunk_size": 8}
DECODERS = {
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2"), ROTARY),
    **dict.fromkeys(("gemma3_text", "olmo2", "phi3", "cohere", "smollm3"), ROTARY),
    **dict.fromkeys(("phi", "gpt_neox"), SIZES),
    "stablelm": SIZES | {"num_key_value_heads": 2},
    "gpt2": OLDER | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128},
    "gpt_neo": OLDER
    | {"hidden_size": 32, "num_layers": 2, "num_heads": 4}
    | {"attention_types": [[["global", "local"], 1]], "max_position_embeddings": 128},
    "bloom": OLDER | {"hidden_size": 32, "n_layer": 2, "n_head": 4},
    "opt": SIZES | {"ffn_dim": 64, "word_embed_proj_dim": 16, "max_position_embeddings": 128},
    "mpt": OLDER | {"d_model": 32, "n_heads": 4, "n_layers": 2},
    "falcon": SIZES,
}
MIXTURES = {
    "mixtral": ROTARY | {"num_local_experts": 4},
    "qwen2_moe": EXPERTS | {"num_experts": 4, "shared_expert_intermediate_size": 16},
    "qwen3_moe": EXPERTS | {"num_experts": 4},
    "olmoe": ROTARY | {"num_experts": 4, "num_experts_per_tok": 2},
    "gpt_oss": ROTARY | {"num_local_experts": 4, "num_experts_per_tok": 2},
    "jetmoe": SIZES | {"num_key_value_heads": 2, "kv_channels": 8, "num_local_experts": 4},
    **dict.fromkeys(
        ("granitemoe", "phimoe"), ROTARY | {"num_local_experts": 4, "num_experts_per_tok": 2}
    ),
    "granitemoeshared": ROTARY
    | {"num_local_experts": 4, "num_experts_per_tok": 2, "shared_intermediate_size": 16},
    "deepseek_v3": EXPERTS
    | {"n_routed_experts": 4, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1}
    | {"q_lora_rank": 8, "kv_lora_rank": 8, "num_key_value_heads": 4}
    | {"qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8},
}
STATE_SPACES = {
    "mamba": SIZES | {"state_size": 4},
    "mamba2": SIZES
    | {"state_size": 4, "num_heads": 8, "head_dim": 8, "n_groups": 1, "chunk_size": 8},
    "falcon_mamba": SIZES | {"state_size": 4},
    "recurrent_gemma": ROTARY | {"lru_width": 32, "num_hidden_layers": 3},
    "rwkv": SIZES | {"attention_hidden_size": 32, "context_length": 128},
    "jamba": ROTARY
    | {"num_experts": 2, "mamba_d_state": 4, "attn_layer_period": 2, "attn_layer_offset": 1}
    | {"use_mamba_kernels": False},
    "bamba": ROTARY | MAMBA2 | {"attn_layer_indices": [1]},
    "falcon_h1": ROTARY | MAMBA2 | {"mamba_d_ssm": 64},
    "lfm2": ROTARY | {"layer_types": ["conv", "full_attention"]},
}
POSITIONS = {"max_position_embeddings": 130}
ENCODERS = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "mpnet", "camembert"), SIZES | POSITIONS),
    **dict.fromkeys(("modernbert", "deberta-v2", "nomic_bert"), SIZES),
    "eurobert": ROTARY,
    "distilbert": OLDER | {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64},
    "albert": SIZES | {"embedding_size": 16},
    "electra": SIZES | {"embedding_size": 16},
    "longformer": SIZES | {"attention_window": [8, 8]},
    "xlnet": {"vocab_size": 300, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64},
    "fnet": SIZES,
    "convbert": SIZES | {"embedding_size": 16},
}
STACKS = {**DECODERS, **MIXTURES, **STATE_SPACES, **ENCODERS}

T5 = OLDER | {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 3}
T5 |= {"num_heads": 4, "pad_token_id": 0, "decoder_start_token_id": 0}
BART = OLDER | {"d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "pad_token_id": 0}
BART |= {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64}
BART |= {"decoder_ffn_dim": 64, "max_position_embeddings": 128, "decoder_start_token_id": 2}
PAIRS = {
    **dict.fromkeys(("t5", "mt5", "umt5"), T5),
    "switch_transformers": T5
    | {"num_experts": 2, "num_sparse_encoder_layers": 1, "num_sparse_decoder_layers": 1},
    **dict.fromkeys(("bart", "mbart", "m2m_100", "marian", "pegasus"), BART),
    "t5gemma": {"vocab_size": 300, "encoder": ROTARY}
    | {"decoder": ROTARY | {"num_hidden_layers": 3, "cross_attention_hidden_size": 32}},
}

VISION = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
VISION |= {"num_attention_heads": 2, "image_size": 28, "patch_size": 14}
SEEN = {"depth": 2, "hidden_size": 16, "num_heads": 2, "out_hidden_size": 32}
ROPE = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
LOCAL = {"layer_types": ["sliding_attention", "full_attention"]}
WRAPPERS = {
    "gemma3": (ROTARY, VISION),
    "gemma4": (
        ROTARY
        | LOCAL
        | {"hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0}
        | {"num_global_key_value_heads": 2, "global_head_dim": 8},
        VISION | {"num_key_value_heads": 2, "head_dim": 8},
    ),
    "qwen3_vl": (
        ROTARY | {"rope_parameters": ROPE},
        SEEN | {"intermediate_size": 32, "deepstack_visual_indexes": [0]},
    ),
    "qwen3_5": (
        ROTARY
        | {"linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8}
        | {"linear_value_head_dim": 8, "layer_types": ["linear_attention", "full_attention"]},
        SEEN | {"intermediate_size": 32},
    ),
    "llama4": (
        ROTARY
        | {"intermediate_size_mlp": 64, "num_local_experts": 2, "num_experts_per_tok": 1}
        | {"interleave_moe_layer_step": 1},
        VISION | {"vision_output_dim": 16, "projector_input_dim": 16, "projector_output_dim": 16},
    ),
}
"""Text and vision configuration of models that read images beside text."""

UNREADABLE = {
    "fsmt": {name: BART[name] for name in BART if name != "vocab_size"}
    | {"langs": ["en", "de"], "src_vocab_size": 300, "tgt_vocab_size": 300},
    "funnel": {"vocab_size": 300, "d_model": 32, "n_head": 4, "d_head": 8, "d_inner": 64}
    | {"block_sizes": [1, 1], "block_repeats": [1, 1], "architectures": ["FunnelModel"]},
    "pegasus_x": BART | {"block_size": 16, "num_global_tokens": 4},
    "reformer": SIZES
    | {"axial_pos_shape": [16, 16], "axial_pos_embds_dim": [16, 16]}
    | {"attn_layers": ["local", "local"], "local_attn_chunk_length": 8},
    "xmod": SIZES,
    "canine": SIZES | {"num_hash_buckets": 64},
    "vit": {name: SIZES[name] for name in ("hidden_size", "intermediate_size")}
    | {"num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32, "patch_size": 16},
    "whisper": BART | {"num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 20},
    "gemma3n_text": ROTARY
    | {"hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 300}
    | {"num_kv_shared_layers": 0, "laurel_rank": 4, "layer_types": ["full_attention"] * 2},
}

TEXTS = [
    "All human beings are born free.",
    "Everyone has the right to life, liberty and security of person.",
    "No.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
]
METHODS = ("weighted-mean", "last-token")


def saved(folder, tokenizer, kind, sizes, auto=AutoModel):
    """A folder with a random model of this kind and a tiny tokenizer."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **sizes)
    auto.from_config(config, dtype=torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def configure(folder, name="config.json", **values):
    """Changes values in one of a folder's JSON files."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def loaded(folder, cache, **options):
    """The model of a folder."""
    return load.load(source.find(str(folder), cache), cache, **options)


def embedded(found, texts, names=METHODS):
    """`engine.Embedded` of texts by methods of these names."""
    chosen = embeddings.methods(names)
    return Engine(found, chosen, load.batch_tokens(found.model)).embed(texts)


def check_batches(found, layers, names=METHODS):
    """All texts in a batch have the vectors that each has alone, at every layer."""
    together = embedded(found, TEXTS, names).vectors
    alone = [embedded(found, [text], names).vectors for text in TEXTS]
    for method, by_layer in together.items():
        assert len(by_layer) == layers
        for layer, vectors in enumerate(by_layer):
            one = np.stack([each[method][layer][0] for each in alone])
            assert np.abs(vectors - one).max() <= 1e-5 * np.abs(one).max()


def check_giveable(found):
    """What the door says by the architecture's name, the loaded model gives, but for what only its
    widths tell. It gives no more, but for routers that not every model of an architecture has."""
    told = set(giveable.methods(found.about.architecture, own=found.own is not None))
    given = {method.name for method in embeddings.available(found)}
    if len(set(found.widths)) > 1:
        told -= {"whitened-first-last", "layer-average"}
    assert told <= given
    assert given - told <= {"moe-routing", "moe-routing-hidden"}
    if "moe-routing" in told:
        check_batches(found, 1, ["moe-routing"])
