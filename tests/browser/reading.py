"""What tests of the read pages look at: the address, and a table's row by its link."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page


def query(page: Page) -> dict[str, str]:
    """The keys of the address."""
    return {key: found[0] for key, found in parse_qs(urlsplit(page.url).query).items()}


def line(page: Page, name: str) -> Locator:
    """The cells of the row that the link `name` stands in, on the page that is shown."""
    rows = page.locator(".bt-root:visible tbody tr")
    return rows.filter(has=page.get_by_role("link", name=name, exact=True)).locator("td")


def written(value: float, digits: int = 3) -> str:
    """A number as the pages write it: a 5 at the end rounds up, away from zero."""
    return f"{Decimal(repr(value)).quantize(Decimal(10) ** -digits, ROUND_HALF_UP):f}"
