"""The baked table is what the installed transformers says."""

import json

import pytest

from results import architectures
from results.bake_architectures import TARGET, table


def test_the_table_is_what_the_installed_transformers_says():
    assert json.loads(TARGET.read_text("utf-8")) == table()


@pytest.mark.parametrize(
    ("model_type", "kind"),
    [
        ("llama", "text"),
        ("bert", "text"),
        ("gemma3_text", "text"),
        ("gemma3", "wrapper"),
        ("qwen2_5_vl", "wrapper"),
        ("t5", "encoder-decoder"),
        ("bart", "encoder-decoder"),
        ("vit", "other"),
        ("clip", "other"),
        ("nosuch", None),
    ],
)
def test_kinds(model_type, kind):
    assert architectures.kind(model_type) == kind


def test_gguf_files_write_names_their_own_way():
    assert architectures.reads_gguf("qwen2moe")
    assert architectures.reads_gguf("gpt-oss")
    assert not architectures.reads_gguf("nosuch")
