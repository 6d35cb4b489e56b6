"""Cards are cleaned: nothing of them but plain text of bounded length is kept."""

import re

from hypothesis import given
from hypothesis import strategies as st

from results.ids import model_id
from results.model_card import base_model, licence

ANY = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_ordinary_cards():
    assert licence({"license": "apache-2.0"}) == "apache-2.0"
    assert licence({"license": "other", "license_name": "llama3.1"}) == "other (llama3.1)"
    assert licence({"license": ["mit", "cc-by-4.0"]}) == "mit, cc-by-4.0"
    assert licence({}) is None
    assert base_model({"base_model": ["org/base", "org/second"]}) == "org/base"
    assert base_model({"base_model": "https://example.org"}) is None


@given(ANY, ANY, ANY)
def test_arbitrary_cards(given_licence, name, base):
    card = {"license": given_licence, "license_name": name, "base_model": base}
    found = licence(card)
    assert found is None or re.fullmatch(r"[A-Za-z0-9 .+_/,()-]{1,80}", found)
    found = base_model(card)
    assert found is None or model_id(found) == found
