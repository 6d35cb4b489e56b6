"""Whose Hub token this is: asked of the Hub, remembered for a little while by the token's hash."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict, deque
from threading import Lock

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from leaderboard.hub_model import MALFORMED, Unreachable
from leaderboard.identity import Person
from results.hub import REFUSED

REMEMBERED = 300.0
"""Seconds that a person is taken for who they were; the Hub limits `whoami` strictly."""
REFUSED_FOR = 60.0
MOST = 1_000
TOKEN = re.compile(r"hf_[A-Za-z0-9_.-]{1,4000}")
ASKED = 60
"""Tokens that the Hub is asked about in a minute, by all visitors together."""
BAD_TOKEN = "The Hub does not know this token: make one at https://huggingface.co/settings/tokens."  # noqa: S105


class TokenRefused(ValueError):
    """Raised for a token that names nobody; the message never holds it."""


_times: deque[float] = deque()
_known: OrderedDict[bytes, tuple[float, Person | None]] = OrderedDict()
_lock = Lock()


def person(token: str) -> Person:
    """The person whose token it is; their `sub` is the account's id, as in a session on the page.

    Raises:
        TokenRefused: it names nobody.
        Unreachable: the Hub does not say.
    """
    if not TOKEN.fullmatch(token):
        raise TokenRefused(BAD_TOKEN)
    # The hash alone is kept: a dump of this process's memory should hold as few tokens as can be.
    key, now = hashlib.sha256(token.encode()).digest(), time.monotonic()
    with _lock:
        until, found = _known.get(key, (0.0, None))
    if until < now:
        with _lock:
            while _times and now - _times[0] > 60:
                _times.popleft()
            if len(_times) >= ASKED:
                raise Unreachable
            _times.append(now)
        found = _asked(token)
        with _lock:
            _known[key] = (now + (REMEMBERED if found else REFUSED_FOR), found)
            _known.move_to_end(key)
            while len(_known) > MOST:
                _known.popitem(last=False)
    if found is None:
        raise TokenRefused(BAD_TOKEN)
    return found


def _asked(token: str) -> Person | None:
    """Who it is as the Hub says; None when it refuses the token."""
    try:
        said = HfApi().whoami(token=token)
        if said["type"] != "user":
            return None
        sub, name = said["id"], said["name"]
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code in (401, 403):
            return None
        # Not chained: the client's error holds the request, and that the token.
        raise Unreachable from None
    except (*REFUSED, *MALFORMED, OSError):
        raise Unreachable from None
    if not (isinstance(sub, str) and 0 < len(sub) <= 400 and isinstance(name, str)):
        raise Unreachable
    return Person(sub, name[:400])
