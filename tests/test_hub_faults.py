"""The Hub of tests fails as it is told to, and counts what came in."""

import time

import pytest
from hub_client import ID, client, read, status, write
from hub_server import Hub
from huggingface_hub import set_client_factory
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, HTTPError
from huggingface_hub.utils._http import default_client_factory


@pytest.fixture
def api(hub):
    return client(hub)


@pytest.fixture
def repo(hub, api):
    return hub.create(ID)


@pytest.fixture
def waits(monkeypatch):
    """The client's waits between retries, not waited."""
    seen = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", seen.append)
    return seen


def test_commits_an_hour_are_counted_and_capped(hub, api, repo):
    hub.commit_limit, hub.commit_window = 3, 3600.0
    for n in range(3):
        write(api, {"a": b"%d" % n}, f"web: {n}")
    with pytest.raises(HfHubHTTPError, match=r"rate limit for repository commits \(3 per hour\)"):
        write(api, {"a": b"4"})
    hub.commit_window = 0.2
    time.sleep(0.2)
    write(api, {"a": b"4"}, "worker: done")
    assert [made.author for made in repo.made] == ["org"] * 4
    assert repo.most(0.2) <= 3 < repo.most(60)
    assert repo.most(60, lambda made: made.title.startswith("worker:")) == 1


def test_an_error_for_the_next_requests(hub, api, repo, waits):
    fault = hub.fail(429, where="/preupload/", retry_after=3, times=2)
    write(api, {"a": b"1"})
    assert (fault.hits, waits) == (2, [4.0, 4.0])
    hub.fail(503, where="/commit/", method="POST", times=1)
    assert status(write, api, {"a": b"2"}) == 503
    hub.fail(412, where="/commit/", times=1)
    assert status(write, api, {"a": b"2"}) == 412
    hub.fail(400)
    with pytest.raises(BadRequestError):
        write(api, {"a": b"2"})
    hub.heal()
    write(api, {"a": b"2"})
    assert len(repo.made) == 2


def test_a_fault_by_chance_is_the_same_each_time(hub, api, repo):
    def run():
        fault = hub.fail(500, where="/resolve/", chance=0.3, seed=7)
        seen = [read(api, ".gitattributes").status_code for _ in range(40)]
        hub.heal()
        assert fault.hits == seen.count(500)
        return seen

    seen = run()
    assert seen == run()
    assert 5 <= seen.count(500) <= 20


def test_a_commit_whose_answer_is_lost_is_there(hub, api, repo):
    hub.lose(times=1)
    with pytest.raises(HTTPError):
        write(api, {"a": b"1"})
    hub.lose(status=500, times=1)
    assert status(write, api, {"b": b"1"}) == 500
    assert {"a", "b"} < repo.files().keys()
    assert len(repo.made) == 2


def test_half_an_answer_and_none_at_all(hub, api, repo):
    repo.commit({"a": b"0123456789"})
    hub.halve("/resolve/", times=1)
    with pytest.raises(HTTPError, match="without sending complete message body"):
        read(api, "a")
    start = time.monotonic()
    hub.hang(0.2, "/resolve/", times=1)
    with pytest.raises(HTTPError):
        read(api, "a")
    assert time.monotonic() - start >= 0.2
    assert read(api, "a").content == b"0123456789"


def test_a_client_with_a_time_out_gives_up_before_the_hub(hub, api, repo):
    def impatient():
        client = default_client_factory()
        client.timeout = 0.1
        return client

    set_client_factory(impatient)
    try:
        hub.hang(30, "/commit/", applied=True, times=1)
        start = time.monotonic()
        with pytest.raises(HTTPError):
            write(api, {"a": b"1"})
        assert time.monotonic() - start < 20
    finally:
        set_client_factory(default_client_factory)
    assert repo.files()["a"] == b"1"


def test_an_outage_and_the_same_port_afterwards(hub, api, repo):
    assert read(api, ".gitattributes").status_code == 200
    address = hub.address
    hub.down()
    with pytest.raises(HTTPError):
        read(api, ".gitattributes")
    hub.up()
    assert read(api, ".gitattributes").status_code == 200
    assert hub.address == address


def test_stop_is_final_and_can_be_said_twice():
    hub = Hub()
    hub.start()
    hub.stop()
    hub.stop()
