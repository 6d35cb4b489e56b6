"""How many examples hypothesis tries: a part of them each time, all of them in the soak."""

import os

SOAK = bool(os.environ.get("MEXA_SOAK"))


def examples(full: int) -> int:
    """Of so many, an eighth, but 15 at least."""
    return full if SOAK else min(full, max(15, full // 8))
