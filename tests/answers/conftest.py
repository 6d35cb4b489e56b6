import pytest

from answers.answers_tools import board_of, shipped


@pytest.fixture(scope="package")
def real(tmp_path_factory):
    """The shipped records of both models by the usual methods."""
    return board_of(shipped(tmp_path_factory.mktemp("real")))


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped records to change."""
    return shipped(tmp_path)


@pytest.fixture(scope="session")
def all_kinds(measured):
    """Three models with everything that can be measured, made up."""
    return board_of(measured)


@pytest.fixture
def own_kinds(measured):
    """The same, whose sheets a test may change."""
    return board_of(measured)
