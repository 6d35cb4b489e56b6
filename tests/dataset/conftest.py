"""What the tests of this folder share."""

import pytest
from dataset_tools import ID, TOKEN
from huggingface_hub import close_session, constants, set_client_factory
from huggingface_hub.utils._http import default_client_factory

from results import budget
from results import dataset as dataset_module
from results import hub as hub_client


@pytest.fixture
def repo(hub):
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    hub.tokens["hf_read"] = {"name": "reader", "role": "read"}
    return hub.create(ID, files={"README.md": b"# board\n", "a/one.json": b"1", "a/two.json": b"2"})


@pytest.fixture(autouse=True)
def client_of_the_board():
    set_client_factory(hub_client.patient_client)
    yield
    set_client_factory(default_client_factory)


@pytest.fixture
def waits(monkeypatch):
    """The client's and the store's waits between tries, not waited."""
    seen = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", seen.append)
    return seen


@pytest.fixture
def impatient(monkeypatch):
    """A client that waits a short while for an answer, as it else does a long one."""
    monkeypatch.setattr(hub_client, "SILENCE", 0.3)
    monkeypatch.setattr(dataset_module, "TIMEOUT", 0.3)
    monkeypatch.setattr(budget, "TIMEOUT", 0.3)
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT", "DEFAULT_REQUEST_TIMEOUT"):
        monkeypatch.setattr(constants, name, 0.3)
    close_session()
