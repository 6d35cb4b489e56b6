"""What the tests of this folder share."""

import pytest
from queue_board import datasets, fill, folders


@pytest.fixture(params=["folder", "dataset"])
def board(request, tmp_path, hub):
    made = folders(tmp_path) if request.param == "folder" else datasets(tmp_path, hub)
    fill(tmp_path, made.results)
    return made


@pytest.fixture
def far(tmp_path, hub):
    made = datasets(tmp_path, hub)
    fill(tmp_path, made.results)
    return made
