"""config.json is a stranger's file: anything in it ends in a configuration or in BadConfig."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.model_config import BadConfig, parse, read

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_what_a_configuration_says():
    found = parse(b'{"model_type": "llama", "auto_map": {"AutoModel": "x"}, "hidden_size": 1}')
    assert (found.model_type, found.own_code, found.quantised) == ("llama", True, None)


@pytest.mark.parametrize(
    ("quantisation", "method"),
    [
        ({"quant_method": "fp8"}, "fp8"),
        ({"quant_method": "compressed-tensors"}, "compressed_tensors"),
        ({"quant_method": "<script>"}, "script"),
        ({"quant_method": "é"}, "unnamed"),
        ({"quant_method": 7}, "unnamed"),
        ({"load_in_8bit": True}, "bitsandbytes"),
        ([[]], "unnamed"),
        ({}, None),
        (None, None),
    ],
)
def test_quantisation_methods(quantisation, method):
    found = read({"model_type": "llama", "quantization_config": quantisation})
    assert found.quantised == method


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"1" * 5000, b"NaN", b'{"model_type": []}']
)
def test_what_is_no_configuration(content):
    with pytest.raises(BadConfig):
        parse(content)


@given(st.dictionaries(st.text(), ANY) | ANY, ANY, ANY)
def test_arbitrary_json(raw, quantisation, tower):
    if isinstance(raw, dict):
        raw |= {"model_type": "llama", "quantization_config": quantisation, "text_config": tower}
    try:
        found = parse(json.dumps(raw).encode())
    except BadConfig:
        assert not isinstance(raw, dict)
    else:
        assert found.quantised is None or found.quantised.isascii()
