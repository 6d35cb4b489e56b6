import pytest

from answers.answers_tools import board_of, shipped


@pytest.fixture(scope="package")
def real(tmp_path_factory):
    """The shipped records: Gemma 3 270M on the whole corpus, SmolLM2 on 74 languages."""
    return board_of(shipped(tmp_path_factory.mktemp("real")))


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped records to change."""
    return shipped(tmp_path)
