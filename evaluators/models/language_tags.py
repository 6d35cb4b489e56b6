"""The tag of a language that a translation model's tokenizer puts beside a text.

Without being told, NLLB, M2M100 and mBART call every text English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from results.languages import find

NAMED = re.compile(r"[a-z]{2,3}(_[A-Z]{2}|_[A-Z][a-z]{3})?")
"""How the tokenizers of transformers name languages: `fr` or `fr_XX`, NLLB `fra_Latn`."""


@contextmanager
def tagged(tokenizer: Any, code: str) -> Iterator[None]:  # noqa: ANN401
    """Texts are tokenised meanwhile as being in this language, if the tokenizer knows it; else as
    it was."""
    found = tag(tokenizer, code)
    if found is None:
        yield
        return
    before = tokenizer.src_lang
    tokenizer.src_lang = found
    try:
        yield
    finally:
        tokenizer.src_lang = before


def tag(tokenizer: Any, code: str) -> str | None:  # noqa: ANN401
    """The tokenizer's name of a language, None for tokenizers and languages without a tag."""
    language = find(code)
    if language is None or not hasattr(tokenizer, "src_lang"):
        return None
    names = getattr(tokenizer, "lang_code_to_token", None) or tokenizer.get_added_vocab()
    if code in names:
        return code
    known = _by_language(tuple(names))
    return known.get((language.iso, language.script)) or known.get((language.iso, None))


@lru_cache
def _by_language(names: tuple[str, ...]) -> dict[tuple[str, str | None], str]:
    """Names by ISO 639-3 code and script, None where the name holds for every script."""
    found: dict[tuple[str, str | None], str] = {}
    for name in names:
        if not NAMED.fullmatch(name):
            continue
        base, _, rest = name.partition("_")
        written = len(rest) == 4
        if language := find(name if written else base):
            found.setdefault((language.iso, language.script if written else None), name)
    return found
