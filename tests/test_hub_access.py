"""Whom the Hub lets read a model: private, disabled, gated or granted, each has its message."""

import json

import pytest
from door import UNREACHABLE, WHOLE, reader, refusal, repo

from leaderboard.checks import check

__all__ = ["reader", "repo"]


def test_not_on_the_hub(hub):
    assert refusal("org/nosuch") == (
        "org/nosuch is not on the Hub, or it is private. Is the id spelled right?"
    )


def test_a_private_model_is_refused_even_when_this_board_could_see_it(hub, repo, monkeypatch):
    """The job has no token; and a page must not tell what a board's owner keeps private."""
    hub.add("org/secret", repo(*WHOLE), private=True)
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    assert "is not on the Hub, or it is private" in refusal("org/secret")
    assert not any("hf_canary" in str(headers) for _, _, headers in hub.requests)


def test_a_private_model_that_the_hub_tells_of(hub, repo):
    answer = {"id": "org/secret", "sha": "0" * 40, "private": True, "siblings": []}
    hub.fail(200, body=json.dumps(answer))
    assert refusal("org/secret") == (
        "org/secret is private. Make it public, or gated, to have it evaluated."
    )


def test_disabled(hub, repo):
    answer = {"id": "org/name", "sha": "0" * 40, "disabled": True, "siblings": []}
    hub.fail(200, body=json.dumps(answer))
    assert refusal("org/name") == (
        "org/name has been disabled on the Hub, so its files cannot be had."
    )
    hub.heal()
    # The client tells it by this message.
    hub.fail(403, code="Disabled", body="Access to this resource is disabled.")
    assert "has been disabled on the Hub" in refusal("org/name")


@pytest.mark.parametrize("kind", ["auto", "manual"])
def test_gated_and_the_board_has_no_read_token(hub, repo, kind):
    hub.add("org/gated", repo(*WHOLE), gated=kind)
    assert refusal("org/gated") == (
        f"org/gated is gated ({kind}), and this board has no read token for gated models. Its "
        "owner can set one (MEXA_READ_TOKEN) of an account that has been granted access."
    )


def test_gated_and_granted(hub, repo, reader):
    hub.add("org/gated", repo(*WHOLE), gated="manual", granted={"board-reader"})
    hub.add("org/open", repo(*WHOLE))
    found = check("org/gated", "float32", **reader)
    assert (found.state, found.waits_for, found.model.gated) == ("pending", None, True)
    assert not check("org/open", "float32", **reader).model.gated
    tokens = [path for _, path, headers in hub.requests if "hf_reader" in str(headers)]
    assert tokens == ["/api/models/org/gated/auth-check"]


def test_of_a_gated_revision_the_files_are_read_with_the_token(hub, repo, reader):
    old = repo(*WHOLE, rows=20)
    files = {"gated": "manual", "granted": {"board-reader"}, "revisions": {"v1": old}}
    hub.add("org/gated", repo(*WHOLE), **files)
    assert check("org/gated", "float32", revision="v1", **reader).model.parameters == 143


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "manual",
            "org/gated is gated: its authors must grant the account “board-reader” access. This "
            "board's owner asks for it at https://huggingface.co/org/gated, and the evaluation "
            "starts once it is granted.",
        ),
        (
            "auto",
            "org/gated is gated: this board's owner must accept its terms as the account "
            "“board-reader” at https://huggingface.co/org/gated, and the evaluation then starts "
            "by itself.",
        ),
    ],
)
def test_gated_and_not_granted_waits_and_says_for_whom(hub, repo, reader, kind, said):
    hub.add("org/gated", repo(*WHOLE), gated=kind)
    found = check("org/gated", "float32", **reader)
    assert (found.state, found.waits_for, found.model.gated) == ("gated", said, True)
    assert (found.model.weights, found.model.parameters) == ("bfloat16", 73)


@pytest.mark.parametrize(
    ("status", "code", "body", "said"),
    [
        (
            403,
            "GatedRepo",
            "Your request to access model org/gated is awaiting a review from the repo authors.",
            "the request of the account “board-reader” awaits its authors' approval",
        ),
        (
            403,
            "GatedRepo",
            "Please enable access to public gated repositories in your fine-grained token settings",
            "must allow “public gated repositories” in the token's settings",
        ),
        (
            401,
            "Unauthorized",
            "Invalid credentials in Authorization header",
            "the Hub does not accept this board's read token any more: its owner must renew it",
        ),
    ],
)
def test_gated_for_another_reason(hub, repo, reader, status, code, body, said):
    hub.add("org/gated", repo(*WHOLE), gated="manual")
    hub.fail(status, "/auth-check", code, body)
    found = check("org/gated", "float32", **reader)
    assert found.state == "gated"
    assert said in found.waits_for


def test_gated_and_the_hub_fails_while_access_is_asked_for(hub, repo, reader):
    hub.add("org/gated", repo(*WHOLE), gated="manual")
    hub.fail(500, "/auth-check")
    assert refusal("org/gated", **reader) == UNREACHABLE


def test_gated_so_that_nothing_is_known_of_it(hub, repo, reader):
    hub.add("org/gated", repo(*WHOLE), gated="manual", counted=False)
    assert refusal("org/gated", **reader) == (
        "The Hub does not say yet what org/gated holds; try again later."
    )


def test_gated_so_that_even_its_card_is_closed(hub, repo):
    hub.add("org/gated", repo(*WHOLE))
    hub.fail(403, code="GatedRepo")
    assert refusal("org/gated").startswith("org/gated is gated so that even its page is closed")
