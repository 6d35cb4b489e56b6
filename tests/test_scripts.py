from __future__ import annotations

import pytest

from evaluators.corpora.scripts import detect


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("All human beings", "Latn"), ("Все люди", "Cyrl"), ("لكل إنسان", "Arab"),
        ("人人有资格享有权利", "Hans"), ("人人有資格享有權利", "Hant"),
        ("すべての人間は、自由である", "Jpan"), ("모든 인간은", "Hang"), ("सभी मनुष्यों", "Deva"),
        ("ᏂᎦᏓ ᎠᏂᏴᏫ", "Cher"), ("ⵉⵎⴷⴰⵏⵏ", "Tfng"), ("𞤋𞤲𞥆𞤢𞤥𞤢", "Adlm"), ("Ḳāl ʿ 12 я", "Latn"),
        ("123 — &", None), ("", None),
    ],
)  # fmt: skip
def test_script_of_most_letters(text: str, script: str | None) -> None:
    assert detect([text]) == script


def test_han_outside_chinese_is_plain_han() -> None:
    assert detect(["畢哿每𠊛生𠚢調得自由"], chinese=False) == "Hani"
