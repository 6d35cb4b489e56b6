"""The Queue page: cancelling and trying again, progress, and who one is."""

import re

from playwright.sync_api import Page, expect

from browser.board_app import OFTEN, SIGNING_IN
from browser.queue_tools import SMOLLM, attempt, kept, model_box, read, request, write
from results.lease import Lease, dump, lease_path
from results.request import Progress

BREACH = "<img src=/x onerror='window.hit=1'><script>window.hit=1</script>"


def pick(page: Page, name: str) -> None:
    """Choose a request by the keyboard alone."""
    field = page.locator("#queue-picked input")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    expect(page.locator("#queue-picked [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(f"^org/{name} "))


def test_cancel_and_retry_with_the_keyboard(start, tmp_path, page: Page):
    waits = request("waits", number=1)
    broken = request(
        "broken",
        "failed",
        number=2,
        reason="Out of memory.",
        log="CUDA out of memory",
        attempts=[attempt("killed", 12), attempt("lost"), attempt("failed")],
    )
    done = request("done", "finished", number=3, attempts=[attempt("finished")])
    write(tmp_path / "board", waits, broken, done)
    app = start()
    page.goto(f"{app.url}/?page=queue")
    said = page.locator("#queue-said")
    failed = page.locator("#queue-failures")
    failed.get_by_text("org/broken: Out of memory.").click()
    for text in ("killed after 12 min", "lost after 5 min", "failed after 5 min", "CUDA out of"):
        expect(failed).to_contain_text(text)

    page.locator("#queue-cancel").press("Enter")
    expect(said).to_contain_text("Choose a request first")
    pick(page, "broken")
    page.locator("#queue-cancel").press("Enter")
    expect(said).to_contain_text("This request is failed already")
    expect(page.locator("#queue-retry")).to_be_enabled()
    page.locator("#queue-retry").press("Enter")
    expect(said).to_contain_text("In the queue again: org/broken")
    expect(failed).to_be_empty()
    assert read(app.board, broken).state == "pending"
    assert read(app.board, broken).forgiven == 2
    pick(page, "waits")
    page.locator("#queue-cancel").press("Enter")
    expect(said).to_contain_text("Cancelled: org/waits")
    assert read(app.board, waits).state == "cancelled"
    row = page.locator("#queue-table tbody tr", has_text="org/waits")
    expect(row).to_contain_text("cancelled")
    page.locator("#queue-picked input").focus()
    expect(page.get_by_role("option", name=re.compile("waits · cancelled"))).to_be_visible()
    expect(page.get_by_role("option", name=re.compile("done"))).to_have_count(0)
    assert read(app.board, done) == done


def test_progress_comes_from_the_lease_of_the_attempt_that_runs(start, tmp_path, page: Page):
    board = tmp_path / "board"
    runs = request("runs", "running", attempts=[attempt("preempted"), attempt(None)])
    closed = request("closed", "gated", number=1, reason="org/closed is gated: ask for access.")
    write(board, runs, closed)
    app = start()

    def lease(number: int, done: int, doing: str = "swh_Latn") -> None:
        progress = Progress(done=done, total=4, doing=doing, seconds_left=600)
        path = board / lease_path(runs.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dump(Lease(request=runs.id, attempt=number, counter=1, progress=progress)))

    page.goto(f"{app.url}/?page=queue")
    row = page.locator("#queue-table tbody tr", has_text="org/runs")
    expect(row).to_contain_text("loading the model")
    lease(1, 3)
    page.wait_for_timeout(2500)
    expect(row).to_contain_text("loading the model")
    lease(2, 1)
    expect(row).to_contain_text("1 of 4, Swahili")
    expect(row).to_contain_text("10 min")
    lease(2, 2, "<b>no language</b>")
    expect(row).to_contain_text("2 of 4, <b>no language</b>")
    expect(page.locator("#queue-failures")).to_contain_text("Waiting for access")
    expect(page.locator("#queue-failures")).to_contain_text("org/closed is gated: ask for access.")


def test_nothing_that_a_stranger_wrote_is_markup(start, tmp_path, page: Page):
    hostile = {"reason": BREACH, "submitter": "7", "submitter_name": BREACH}
    write(
        tmp_path / "board",
        request("a", "failed", 1, **hostile, log=f"</pre>{BREACH}", attempts=[attempt("failed")]),
        request("b", "gated", 2, **hostile),
        request("third", "cancelled", 3, **hostile),
    )
    app = start()
    page.goto(f"{app.url}/?page=queue")
    expect(page.locator("#queue-table tbody tr")).to_have_count(3)
    expect(page.locator("#queue-failures")).to_contain_text("<script>window.hit=1</script>")
    page.locator("#queue-failures summary").click()
    expect(page.locator("#queue-failures pre")).to_contain_text("</pre><img src=/x")
    pick(page, "third")
    page.locator("#queue-retry").click()
    expect(page.locator("#queue-said")).to_contain_text("In the queue again")
    assert page.evaluate("window.hit") is None
    assert page.locator("#queue-table img, #queue-failures img, #queue-said img").count() == 0


def test_who_one_is_comes_from_the_session_alone(start, hub, hosted, page: Page):
    theirs = request("theirs", submitter="somebody else", submitter_name="bob")
    name = f"org__theirs/{theirs.id}.json"
    hub.datasets["org/board-requests"].commit({name: theirs.model_dump_json().encode()})
    app = start(OFTEN + SIGNING_IN, **hosted, HF_TOKEN="hf_write")  # noqa: S106
    page.goto(f"{app.url}/?page=submit")
    model_box(page).fill(SMOLLM)
    page.locator("#submit-send").click()
    answer = page.locator("#submit-answer")
    expect(answer).to_contain_text("Sign in with Hugging Face to submit.")
    assert len(kept(hub)) == 1
    page.locator("#submit-login").click()
    expect(page.locator("#submit-login")).to_contain_text("Logout (org)")
    model_box(page).fill(SMOLLM)
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Accepted", timeout=30_000)
    (mine,) = [each for each in kept(hub).values() if each.id != theirs.id]
    assert (mine.submitter, mine.submitter_name) == ("11111111111111111111111", "org")

    page.goto(f"{app.url}/?page=queue")
    expect(page.locator("#queue-table tbody tr")).to_have_count(2)
    page.locator("#queue-picked input").focus()
    expect(page.get_by_role("option", name=re.compile("smollm2"))).to_be_visible()
    expect(page.get_by_role("option", name=re.compile("theirs"))).to_have_count(0)
    page.get_by_role("option", name=re.compile("smollm2")).click()
    page.locator("#queue-cancel").click()
    expect(page.locator("#queue-said")).to_contain_text("Cancelled", timeout=30_000)
    assert {each.state for each in kept(hub).values()} == {"cancelled", "pending"}


def test_an_empty_queue_offers_nothing_to_cancel(start, tmp_path, page: Page):
    app = start()
    page.goto(f"{app.url}/?page=queue")
    expect(page.locator("#queue-table")).to_contain_text("No requests yet")
    expect(page.locator("#queue-cancel")).to_have_count(0)
    write(tmp_path / "board", request("waits"))
    expect(page.locator("#queue-cancel")).to_be_enabled(timeout=30_000)
