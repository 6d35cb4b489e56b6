"""Hostile submissions and calls: never a 500, never a write elsewhere, never markup on a page."""

from __future__ import annotations

import io
import itertools
import json
import os
import traceback
from collections import Counter

import gradio as gr
import httpx
import pytest
from hostile_markup import lines, look_at
from hostile_words import PATHS, RAW, evil_models, forms, nested, plain, words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaderboard import site
from leaderboard.api.endpoints import ENDPOINTS
from leaderboard.board import Board
from results.settings import Settings

SOAK = bool(os.environ.get("MEXA_SOAK"))
EXAMPLES = 10_000 if SOAK else 300


def tree(root):
    """Every file and folder below root with its content's size and time."""
    found = {}
    for path in sorted(root.rglob("*")):
        about = path.lstat()
        size = (about.st_size, about.st_mtime_ns) if path.is_file() else None
        found[str(path.relative_to(root))] = size
    return found


@pytest.fixture
def running(hub, tmp_path, monkeypatch):
    """(board, demo, a client) of the real app, in a working directory of its own."""
    evil_models(hub, tmp_path / "hub")
    for name in ("cwd", "parent/board", "parent/beside", "cache"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "parent" / "beside" / "file").write_text("untouched")
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cwd" / "gradio"))
    board = Board(
        Settings(
            board=tmp_path / "parent" / "board",
            cache=tmp_path / "cache",
            launcher="none",
            gather=0,
            total_limit=1000,
        )
    )
    demo = site.build(board)
    (tmp_path / "cwd" / "gradio").mkdir(exist_ok=True)
    options = {"prevent_thread_lock": True, "server_name": "127.0.0.1", "quiet": True}
    _, url, _ = demo.launch(**options, **site.launch_arguments(board))
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield board, demo, client
    demo.close()
    board.stop()


class Attacks:
    """Sends calls to the app and judges every answer."""

    def __init__(self, board, demo, client):
        self.client = client
        self.counts = Counter()
        self.crashes = []
        self._number = itertools.count()
        private = [(i, fn) for i, fn in demo.fns.items() if fn.api_visibility == "private"]
        # What takes nothing from a visitor says nothing of theirs.
        ours = [(index, fn) for index, fn in private if fn.fn and fn.inputs]
        public = [fn for fn in demo.fns.values() if fn.api_visibility == "public"]
        self.public = {fn.api_name: len(fn.inputs) for fn in public}
        self.private = {index: len(fn.inputs) for index, fn in ours}
        named = [(fn.name, index) for index, fn in ours]
        self.submits = [index for name, index in named if name in ("check", "submit")]
        self.acts = [index for name, index in named if name == "act"]
        self.restores = [index for name, index in named if name == "restore"]
        assert len(self.submits) == 3 and len(self.acts) == 2 and len(self.restores) == 1
        asked = {each.name for each in ENDPOINTS.values() if each.function}
        assert set(self.public) == asked | {"submit"}

    def judge(self, answer):
        """Statuses and, of what is a page or a message, its markup."""
        assert answer.status_code < 500, (answer.status_code, answer.text[:500])
        self.counts[f"{answer.status_code // 100}xx"] += 1
        return answer

    def post(self, path, body, **more):
        text = json.dumps(body) if not isinstance(body, bytes) else body
        return self.judge(
            self.client.post(
                path, content=text, headers={"content-type": "application/json"}, **more
            )
        )

    def event(self, index, data, query=""):
        """As the browser calls it: into the queue, then the stream of its answers."""
        session = f"s{next(self._number) % 50}"
        call = {"data": list(data), "fn_index": index, "session_hash": session, "trigger_id": None}
        params = {"q": query, "models": query, "id": query, "languages": query} if query else None
        if self.post("/gradio_api/queue/join", call, params=params).status_code != 200:
            return
        with self.client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
            assert stream.status_code == 200
            for line in lines(stream):
                if not line.startswith(b"data:"):
                    continue
                said = json.loads(line[5:])
                if said["msg"] in ("process_generating", "process_completed"):
                    self.shown(said["output"])
                if said["msg"] == "process_completed":
                    self.counts["answered" if said["success"] else "refused by a control"] += 1
                if said["msg"] in ("process_completed", "close_stream", "unexpected_error"):
                    assert said["msg"] != "unexpected_error", said
                    break

    def shown(self, output):
        waiting = [output.get("data", [])]
        while waiting:
            at = waiting.pop()
            if isinstance(at, str) and "<" in at:
                look_at(at)
            elif isinstance(at, list):
                waiting += at
            elif isinstance(at, dict) and at.get("__type__") == "update":
                waiting.append(at.get("value"))


def test_hostile_calls(running, hub, tmp_path, monkeypatch):
    board, demo, client = running
    attacks = Attacks(board, demo, client)
    true_print = traceback.print_exc

    def noted(*words, **options):
        error = traceback.sys.exc_info()[1]
        frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        ours = [name for name in frames if "/leaderboard/" in name or "/results/" in name]
        if ours and not isinstance(error, gr.Error):
            attacks.crashes.append("".join(traceback.format_exception(error))[-3000:])
        true_print(*words, **{**options, "file": io.StringIO()})

    monkeypatch.setattr(traceback, "print_exc", noted)
    before = {name: tree(tmp_path / name) for name in ("cwd", "cache", "hub")}
    beside = tree(tmp_path / "parent" / "beside")
    above = {path.name for path in tmp_path.iterdir()}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def attack(data):
        kind = data.draw(
            st.sampled_from(
                [
                    *(
                        "form",
                        "form",
                        "form",
                        "wrong form",
                        "act",
                        "any event",
                        "api",
                        "raw",
                        "address",
                    ),
                    *("question", "request"),
                ]
            )
        )
        attacks.counts[kind] += 1
        attacks.counts["examples"] += 1
        attacks.crashes.clear()
        if kind == "form":
            attacks.event(data.draw(st.sampled_from(attacks.submits)), data.draw(forms))
        elif kind == "wrong form":
            index = data.draw(st.sampled_from(attacks.submits))
            attacks.event(index, data.draw(st.lists(nested, min_size=6, max_size=6)))
        elif kind == "act":
            attacks.event(data.draw(st.sampled_from(attacks.acts)), [data.draw(nested)])
        elif kind == "any event":
            index = data.draw(st.sampled_from(sorted(attacks.private)))
            count = attacks.private[index]
            values = data.draw(st.lists(nested, min_size=count, max_size=count))
            attacks.event(index, values, plain(data.draw(words)))
        elif kind == "api":
            way = data.draw(st.sampled_from(["run", "api", "call"]))
            name = data.draw(st.sampled_from(sorted(attacks.public)))
            most = attacks.public[name] + data.draw(st.sampled_from([0, 0, 1]))
            values = data.draw(st.lists(st.one_of(words, nested), min_size=most, max_size=most))
            answer = attacks.post(f"/gradio_api/{way}/{name}", {"data": values})
            if way == "call" and answer.status_code == 200:
                event = answer.json()["event_id"]
                attacks.judge(client.get(f"/gradio_api/call/{name}/{event}"))
        elif kind == "raw":
            path = data.draw(st.sampled_from(RAW))
            body = data.draw(st.one_of(nested, st.binary(max_size=200)))
            attacks.post(path, body)
        elif kind == "question":
            name = data.draw(st.sampled_from(sorted(attacks.public)))
            keys = ("models", "model", "language", "languages", "view", "corpus", "show", "format")
            asked = data.draw(st.dictionaries(st.sampled_from(keys), words, max_size=3))
            query = {key: plain(value) for key, value in asked.items()}
            answer = attacks.judge(client.get(f"/api/v1/{name}", params=query))
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert not answer.headers["content-type"].startswith("text/html")
        elif kind == "request":
            model, measure, kind, codes, revision, file, extras = data.draw(forms)
            languages = codes if kind == "chosen" else "all" if kind == "all" else ""
            body = {"model": model, "languages": languages, "revision": revision, "file": file}
            body |= {"measure": measure, "extras": extras}
            attacks.post("/api/v1/requests", body)
        else:
            path = data.draw(st.sampled_from(PATHS)) + "".join(
                f"%{byte:02x}" for byte in plain(data.draw(words)).encode()
            )
            with client.stream("GET", path) as answer:
                assert answer.status_code < 500, path
                attacks.counts[f"{answer.status_code // 100}xx"] += 1
        assert attacks.crashes == [], attacks.crashes[0]

    attack()
    board.refresh()
    for page in (site.queue.failures(board),):
        look_at(page)
    assert {name: tree(tmp_path / name) for name in before} == before
    assert tree(tmp_path / "parent" / "beside") == beside
    assert {path.name for path in (tmp_path / "parent").iterdir()} == {"board", "beside"}
    assert {path.name for path in tmp_path.iterdir()} <= above | {"hf-home"}
    counts = ", ".join(f"{number} {name}" for name, number in sorted(attacks.counts.items()))
    print(f"\n  hostile: {counts}; {len(board.requests)} requests accepted")
    assert attacks.counts["examples"] >= EXAMPLES
    assert attacks.counts["answered"] > EXAMPLES / 10 and board.requests


@pytest.mark.parametrize(
    "text",
    ["<img src=x>", "<p onclick='x'>", "<a href='//evil'>", "<a href='javascript:x'>", "<script>"],
)
def test_markup_that_no_template_writes_is_noticed(text):
    with pytest.raises(AssertionError):
        look_at(f"<div>{text}</div>")
