"""A token is in the environment of whoever needs it, and nowhere else: no log, record or page."""

from __future__ import annotations

import os
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from scenario import LANGUAGES, REPO, Scenario, Wish

sys.path.insert(0, str(Path(__file__).parent / "browser"))
from board_app import App

WRITE, READ, OTHER = (f"hf_canary{name}0123456789" for name in ("Write", "Read", "Other"))
PAGES = ("", "model", "submit", "queue", "about", "config", "gradio_api/info")
pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes from /proc")


class Lookout:
    """Reads environment and command line of this process's descendants, again and again."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, bool]] = set()
        """(who, whether its environment was read)"""
        self.found: set[tuple[str, str, str]] = set()
        """(who, token, where)"""
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            self.looks += 1
            for process in psutil.Process().children(recursive=True):
                with suppress(OSError, psutil.Error):
                    self._look(Path("/proc") / str(process.pid))

    def _look(self, process: Path) -> None:
        before = (process / "environ").read_bytes()
        words = (process / "cmdline").read_bytes()
        if before != (process / "environ").read_bytes() or not before:
            return  # just being started
        who = self._who(words.split(b"\0"))
        self.seen.add((who, True))
        for token in (WRITE, READ, OTHER):
            for where, text in (("environment", before), ("command line", words)):
                if token.encode() in text:
                    self.found.add((who, token, where))

    def _who(self, words: list[bytes]) -> str:
        for word in words:
            name = Path(word.decode(errors="replace")).name
            if name == "stand_in_job.py":
                models = [each.decode() for each in words if each.startswith(b"org/")]
                return f"job of {models[0]}"
            if name in ("stand_in_worker.py", "stand_in_web.py") or name.startswith("import app"):
                return "web" if "worker" not in name else "worker"
        return f"other: {words[:3]}"


def test_tokens_of_a_stand_in_run(hub, tmp_path):
    wishes = [
        Wish("org/open", LANGUAGES[:4]),
        Wish("org/gated", LANGUAGES[:4], gated=True),
        Wish("org/leaky", LANGUAGES[:1], gated=True),
    ]
    extra = {"MEXA_TOKEN": WRITE, "MEXA_READ_TOKEN": READ, "HF_TOKEN": OTHER}
    scenario = Scenario(tmp_path / "run", 0, hub, wishes, workers=1, faults=0, extra=extra)
    hub.tokens = {
        WRITE: {"name": "org", "role": "write"},
        READ: {"name": "reader", "role": "read"},
    }
    lookout = Lookout()
    app = None
    try:
        scenario.play()
        told = {**extra, "MEXA_REPO": REPO, "MEXA_CACHE": str(tmp_path / "web")}
        app = App(tmp_path / "board", **told)
        pages = {
            page: urllib.request.urlopen(f"{app.url}/{page}", timeout=60).read() for page in PAGES
        }
    finally:
        lookout.stop()
        if app:
            app.stop()
    states = {request.model.id: request.state for request in scenario.requests()}
    assert states == {"org/open": "finished", "org/gated": "finished", "org/leaky": "failed"}
    jobs = {who for who, _ in lookout.seen if who.startswith("job of")}
    assert {"web", "worker", "job of org/open", "job of org/gated"} <= {
        who for who, _ in lookout.seen
    }

    allowed = {(who, token, "environment") for who in ("web", "worker") for token in extra.values()}
    allowed |= {(who, READ, "environment") for who in ("job of org/gated", "job of org/leaky")}
    assert lookout.found <= allowed, lookout.found - allowed
    assert ("job of org/gated", READ, "environment") in lookout.found
    (leaky,) = [each for each in scenario.requests() if each.model.id == "org/leaky"]
    assert "HF_TOKEN" in leaky.log and "(token)" in leaky.log

    kept = {f"page {page}": text for page, text in pages.items()}
    for kind in ("results", "requests"):
        for commit in hub.datasets[f"{REPO}-{kind}"].history:
            kept |= {f"{kind} {path}": entry.content for path, entry in commit.files.items()}
            kept[f"{kind} commit {commit.id}"] = f"{commit.title} {commit.message}".encode()
    files = [Path(folder) / name for folder, _, names in os.walk(tmp_path) for name in names]
    # What a job itself writes lies on its worker's disk, and goes elsewhere only without tokens.
    files = [path for path in files if path.is_file() and path.parent.parent.name != "jobs"]
    kept |= {str(path): path.read_bytes() for path in files}
    for name, text in kept.items():
        for token in (WRITE, READ, OTHER):
            assert token.encode() not in text, name
    print(
        f"\n  {lookout.looks} looks at the processes, {len(lookout.found)} places of a token, all "
        f"expected; {len(jobs)} jobs seen; {len(kept)} files, records and pages without a token"
    )
