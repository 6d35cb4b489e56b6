"""What a page says and keeps while answers are late, fail, or do not come at all."""

import json
from functools import partial

import pytest
from playwright.sync_api import Route, expect

from benchmarks import made_up
from browser.board_app import WITHOUT_RECORDS, App
from browser.pages_tools import opened


@pytest.fixture(scope="module")
def app(models_app):
    return models_app


def test_while_an_answer_is_slow_the_page_says_so_and_keeps_the_old_rows(app, page):
    opened(page, app, "")
    rows = page.locator(".board.models tbody tr")
    before = rows.all_inner_texts()

    held: list[Route] = []
    slow = True

    def late(route: Route) -> None:
        held.append(route) if slow else route.continue_()

    page.route("**/api/v1/models*", late)
    page.get_by_label("Average over").select_option("all")
    expect(page.locator(".board.models .loading")).to_be_visible()
    assert rows.all_inner_texts() == before
    slow = False
    for route in held:
        route.continue_()
    expect(page.locator(".board.models .loading")).to_have_count(0)
    expect(page.locator(".board.models .sentence")).to_contain_text("all ")


def test_a_failed_answer_leaves_the_old_rows_and_can_be_asked_again(app, rough):
    opened(rough, app, "")
    rows = rough.locator(".board.models tbody tr")
    before = rows.count()
    rough.route("**/api/v1/models*", lambda route: route.fulfill(status=503, body="{}"))
    rough.get_by_label("Average over").select_option("all")
    alert = rough.locator(".board.models [role=alert]")
    expect(alert).to_contain_text("503")
    expect(alert).to_contain_text("What you see is from before")
    assert rows.count() == before
    rough.unroute("**/api/v1/models*")
    alert.get_by_role("button", name="Retry").click()
    expect(alert).to_have_count(0)
    expect(rough.locator(".board.models .sentence")).to_contain_text("all ")


def answered(answer, route) -> None:
    route.fulfill(**answer)


def test_what_is_not_there_is_said_as_it_is_written_and_offers_no_retry(app, rough):
    opened(rough, app, "")
    alert = rough.locator(".board.models [role=alert]")
    rough.locator("summary", has_text="More filters").click()
    for speakers, error, said in (
        ("1000000", "google/x is not here", "google/x is not here."),
        ("10000000", "no such thing", "No such thing."),
    ):
        answer = {"status": 404, "body": json.dumps({"error": error})}
        rough.unroute("**/api/v1/models*")
        rough.route("**/api/v1/models*", partial(answered, answer))
        rough.get_by_label("Speakers at least").select_option(speakers)
        expect(alert).to_contain_text(said)
        expect(alert.get_by_role("button")).to_have_count(0)


def test_when_the_board_goes_away_the_page_says_so(tmp_path, rough):
    made_up.write(tmp_path / "board", 2, (45, 45), workers=1)
    gone = App(tmp_path / "board", WITHOUT_RECORDS)
    try:
        opened(rough, gone, "")
        before = rough.locator(".board.models tbody tr").all_inner_texts()
    finally:
        gone.stop()
    expect(rough.locator(".banner [role=status]")).to_contain_text(
        "does not answer", timeout=30_000
    )
    assert rough.locator(".board.models tbody tr").all_inner_texts() == before
