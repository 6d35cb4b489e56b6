"""What the tests of datasets share."""

import multiprocessing
from contextlib import contextmanager

from huggingface_hub import constants

from results.dataset import MANIFEST, Dataset

ID = "org/board-requests"


TOKEN = "hf_write"  # noqa: S105


SPAWN = multiprocessing.get_context("spawn")


def opened(tmp_path, **more):
    return Dataset(ID, tmp_path / "mirrors", **{"token": TOKEN, "patience": 20.0, **more})


def files(store):
    """What readers find in the mirror."""
    paths = [path for path in store.root.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {path.relative_to(store.root).as_posix(): path.read_bytes() for path in paths}


def theirs(repo):
    return {path: data for path, data in repo.files().items() if not path.startswith(".")}


def append(store, line, name="lines"):
    """Read-modify-write of one file; how often it was tried."""
    tries = []

    def edit():
        tries.append(1)
        path = store.root / name
        old = path.read_bytes() if path.exists() else b""
        return {name: old if line.encode() in old.split(b"\n") else old + f"{line}\n".encode()}

    store.change(f"append {line}", edit)
    return len(tries)


def lines(repo, name="lines"):
    return repo.files()[name].decode().splitlines()


@contextmanager
def counted(hub):
    """Requests that come in meanwhile."""
    before = len(hub.requests)
    found = []
    yield found
    found += [(method, path) for method, path, _ in hub.requests[before:]]


def damage(hub, repo, path, content):
    """Serve other content under the id that the tree tells."""
    blob = repo.head.files[path]
    repo.head.files[path] = blob._replace(content=content)


def mirror_until_killed(mirrors, address, ready):
    constants.ENDPOINT = address
    constants.HUGGINGFACE_CO_URL_TEMPLATE = (
        f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
    store = Dataset(ID, mirrors, token=TOKEN)
    ready.put(store.root.name)
    while True:
        store.refresh()
