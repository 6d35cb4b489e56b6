"""The real client on a Hub of tests, with the calls that its tests repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest
from hub_server import Hub
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_session
from huggingface_hub.errors import HfHubHTTPError

ID = "org/board-requests"


def client(hub: Hub) -> HfApi:
    """A client with a write token; the Hub also knows hf_read, a read token."""
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    hub.tokens["hf_read"] = {"name": "reader", "role": "read"}
    return HfApi(endpoint=hub.address, token="hf_write")  # noqa: S106


def other(api: HfApi, token: str | bool) -> HfApi:
    """The client of somebody else."""
    return HfApi(endpoint=api.endpoint, token=token)


def write(
    api: HfApi, files: Mapping[str, bytes | None], title: str = "edit", **options: Any
) -> str:
    """Commit files, None deleting one; the commit's id."""
    operations = [
        CommitOperationDelete(path, is_folder=path.endswith("/"))
        if content is None
        else CommitOperationAdd(path, content)
        for path, content in files.items()
    ]
    return api.create_commit(
        ID, operations, commit_message=title, repo_type="dataset", **options
    ).oid


def read(api: HfApi, path: str, revision: str = "main") -> httpx2.Response:
    """A file of the dataset, without the client's cache."""
    url = f"{api.endpoint}/datasets/{ID}/resolve/{revision}/{path}"
    return get_session().get(url)


def status(call: Callable[..., Any], *words: Any, **options: Any) -> int:
    """The HTTP status that the call fails with."""
    with pytest.raises(HfHubHTTPError) as refused:
        call(*words, **options)
    return refused.value.response.status_code
