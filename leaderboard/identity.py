"""Who asks: the session of somebody signed in with Hugging Face, where people sign in."""

from __future__ import annotations

import os
from typing import NamedTuple

import gradio as gr


class Person(NamedTuple):
    """The account's `sub`, which never changes, and the name it has now."""

    sub: str | None
    name: str | None


NOBODY = Person(None, None)


def signs_in() -> bool:
    """Whether people sign in: on a Space. Elsewhere Gradio has only a make-believe login."""
    return bool(os.environ.get("SPACE_ID"))


def who(profile: gr.OAuthProfile | None) -> Person:
    """Whose session it is, as Gradio hands it to an event; NOBODY when not signed in."""
    sub = profile.get("sub") if profile else None
    if profile is None or not isinstance(sub, str) or not 0 < len(sub) <= 400:
        return NOBODY
    return Person(sub, str(profile.username)[:400])
