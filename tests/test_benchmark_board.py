"""The benchmark of a large board: its records hold, and its numbers are of what happened."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks import browser, made_up, made_up_board, snapshots, visits
from benchmarks.measured import Section, closing
from benchmarks.startup import Running
from results.corpora import cards
from results.repo import Repo, check, read_record
from results.sheet import Sheet
from results.snapshot import newest

SIZES = (12, 15)
DELAY = 0.15


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    root = tmp_path_factory.mktemp("made-up") / "repo"
    made_up.write(root, 3, SIZES, workers=1)
    return root


def contents(root):
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_made_up_records_obey_every_rule(repo):
    assert check(repo) == []
    records = [read_record(path) for path in Repo(repo).paths()]
    assert len(records) == 3 * 2 * 2
    assert {len(record.scores) for record in records} == set(SIZES)
    for record in records:
        for score in record.scores:
            if score.language == made_up_board.PIVOT:
                assert not score.values
                continue
            assert score.values["max"].value == pytest.approx(max(score.layers))
            mean = sum(score.layers) / record.model.layers
            assert score.values["mean"].value == pytest.approx(mean)
    assert {card.name: len(card.languages) for card in cards(repo)} == {
        "udhr": SIZES[0],
        "bible": SIZES[1],
    }


def test_the_same_records_are_made_up_every_time(repo, tmp_path):
    made_up.write(tmp_path / "again", 3, SIZES, workers=1)
    assert contents(tmp_path / "again") == contents(repo)


def test_models_are_of_the_sizes_asked_for():
    found = made_up_board.models(500)
    assert len({(each.id, each.weights) for each in found}) == 500
    assert all(70e6 <= each.parameters <= 70e9 and 13 <= each.layers <= 49 for each in found)
    assert any(each.base_model for each in found)


def test_the_snapshot_is_really_made(repo, tmp_path):
    before = contents(repo)
    section = snapshots.measure(repo, tmp_path, 2)
    assert contents(repo) == before
    assert newest(tmp_path / "derived").rows == 12
    found = {figure.name.strip(): figure for figure in section.figures}
    size = (tmp_path / "summary.parquet").stat().st_size
    assert found["its size"].values == [size / 1e6]
    assert len(found["warm: mapped"].values) == 2
    # Not of memory: a process's maximum begins at what the process had that started it.
    seconds = [figure for figure in section.figures if figure.unit == "s"]
    assert all(0 < value < 300 for figure in seconds for value in figure.values)


def test_what_takes_long_is_seen_to(repo, tmp_path, monkeypatch):
    quick = snapshots.apart("rebuild", repo, tmp_path / "one")
    (tmp_path / "sitecustomize.py").write_text(
        "import time, json\nold = json.loads\n"
        "json.loads = lambda *a, **k: (time.sleep(0.5), old(*a, **k))[1]\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert snapshots.apart("rebuild", repo, tmp_path / "two")["seconds"] > quick["seconds"] + 0.5


class Slow(BaseHTTPRequestHandler):
    """Answers late; `scores` not at all."""

    protocol_version = "HTTP/1.1"
    page = (
        b"<html data-page='models'><div id=page-models><table><tbody id=rows></tbody></table>"
        b"<p id=aside></p></div>"
    )

    def do_GET(self):
        time.sleep(DELAY)
        body = self.page if self.path == "/" else b"x" * 5000
        self.send_response(500 if "scores" in self.path else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *given):
        pass


@pytest.fixture(scope="module")
def slow():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Running(os.getpid(), f"http://127.0.0.1:{server.server_port}", 0.0, 0)
    server.shutdown()
    server.server_close()


def apart(act):
    """In a thread of its own: in this one Playwright's loop runs once other tests have begun it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def test_visitors_wait_as_long_as_the_server_makes_them(slow):
    names = [f"org/model-{number}" for number in range(9)]
    section = apart(lambda: visits.crowd(slow, names, seconds=1.5))
    found = {figure.name: figure for figure in section.figures}
    assert min(found["answer"].values) >= DELAY
    assert found["errors"].values[0] > 0
    assert found["errors"].met is False


FETCHED = "fetch('/api/v1/x').then((a) => a.text()).then(() => {{ {} }})"
ROWS = "document.getElementById('rows').innerHTML = '<tr><td>new</td></tr>'"
ASIDE = "document.getElementById('aside').textContent = 'new'"


def in_a_browser(slow):
    with browser.chromium() as chromium:
        page = browser.visitor(chromium)
        wire = browser.Wire(page)
        page.goto(f"{slow.url}/")
        wire.take()
        act = FETCHED.format(ROWS)
        found = page.evaluate(f"probe.time(() => {act}, 300)")
        assert found["rows"] >= DELAY * 1000
        assert 5000 <= wire.take()["ours"] < 5600
        found = page.evaluate(f"probe.time(() => {FETCHED.format(ASIDE)}, 300)")
        assert found["rows"] is None
        assert found["all"] >= DELAY * 1000


def test_an_act_lasts_until_its_rows_are_painted(slow):
    apart(lambda: in_a_browser(slow))


def test_a_goal_is_met_or_not():
    section = Section("A part")
    section.add("quick", [1.0, 2.0, 3.0], "ms", 2.0)
    section.add("slow at times", [1.0, 1.0, 9.0], "ms", 2.0, by="p95")
    section.add("more than the empty app", [5.0], "s", 2.0, beside=2.5)
    section.add("no goal", [1e9], "ms")
    assert [figure.met for figure in section.figures] == [True, False, False, None]
    assert closing([section]).startswith("1 of 3 goals met\nslow at times")
    with section.trying("broken", ValueError):
        raise ValueError("no such field")
    assert "not measured: broken: no such field" in closing([section])


def test_the_command_makes_records_up(tmp_path):
    app = typer.Typer()
    app.command()(made_up.main)
    done = CliRunner().invoke(app, [str(tmp_path), "--models", "1", "--quick"])
    assert done.exit_code == 0
    assert done.output.startswith("4 records, ")


def test_sums_over_most_languages_are_those_of_adding_them(repo, tmp_path):
    """What the answers to the benchmark's questions rest on: `Sheet` takes the short way."""
    snapshots.rebuild(repo, tmp_path)
    sheet: Sheet = newest(tmp_path).sheets[0]
    states = np.full(len(sheet.rows), 13.0)
    for at in (np.arange(3), np.arange(len(sheet.languages) - 1), np.arange(len(sheet.languages))):
        slow = sheet.segments[at].sum(axis=0) / (len(at) * states[:, None])
        assert np.allclose(sheet.segment_means(at, states), slow)
        bits = np.unpackbits(sheet.peaks[at], axis=-1, count=sheet.n).mean(axis=0)
        assert np.allclose(np.stack(sheet.peak_means(at), axis=1), bits)
