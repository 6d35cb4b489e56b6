"""What tests of the Models page read off its table, and what they do to it."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from playwright.sync_api import Page, expect

BILLION = 10**9
ROWS = "#page-models tbody tr"


def column(page: Page, title: str) -> list[str]:
    """The texts of a column, by the start of its header."""
    heads = [text.strip() for text in page.locator("#page-models thead th").all_inner_texts()]
    place = next(i for i, head in enumerate(heads) if head.startswith(title))
    return page.locator(f"{ROWS} td:nth-child({place + 1})").all_inner_texts()


def names(page: Page) -> list[str]:
    return page.locator(f"{ROWS} td:first-child a").all_inner_texts()


def rounded(value: float, digits: int) -> str:
    """As browsers round: halves go up, Python's to the even."""
    return str(Decimal(str(value)).quantize(Decimal(10) ** -digits, ROUND_HALF_UP))


def wait_for(page: Page, text: str) -> None:
    expect(page.locator("#page-models .sentence")).to_contain_text(text)


def rank_texts(answer: dict) -> list[str]:
    """As the table writes them: where several weights are ranked apart, with which and how many."""
    ranked = [model for model in answer["models"] if model["rank"]]
    classes = Counter((model["weights"], model["dtype"]) for model in ranked)
    apart = answer["ranked"] == "group" and len(classes) > 1

    def text(model: dict) -> str:
        if model["rank"] is None:
            return "–"
        low, high = model["rank"]["low"], model["rank"]["high"]
        said = str(low) if low == high else f"{low}–{high}"
        among = classes[model["weights"], model["dtype"]]
        return f"{said} of {among} {model['weights']}" if apart else said

    return [text(model) for model in answer["models"]]


def pick(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")
