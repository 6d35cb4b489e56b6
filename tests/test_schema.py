"""Records, side files, requests: what they hold, refuse, and keep when read and written again."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import ValidationError

from results import migrate
from results.repo import Repo, read_hits, read_record, record_path
from results.request import Request
from results.schema import SCHEMA_VERSION, Hits, Record, pack

FIXTURES = Path(__file__).parent / "fixtures"
REPO = Repo(FIXTURES / "repo")


def one(**wanted: object) -> Record:
    """The only fixture record whose parameters, evaluator or model have these values."""

    def fits(record: Record) -> bool:
        flat = {**record.model.model_dump(), **record.evaluator.parameters.model_dump()}
        flat["evaluator"] = record.evaluator.name
        return all(flat[key] == value for key, value in wanted.items())

    (found,) = [record for _, record in REPO.records() if fits(record)]
    return found


def test_alignment_now():
    record = one(id="org/small", pivot="eng_Latn", embedding="weighted-mean@1")
    french = next(score for score in record.scores if score.language == "fra_Latn")
    assert set(french.values) == {"mean", "max"}
    assert french.values["max"].value == max(french.layers)
    assert french.values["mean"].value == pytest.approx(np.mean(french.layers))
    pivot = next(score for score in record.scores if score.language == "eng_Latn")
    assert pivot.values == {} and pivot.tokens


def test_two_pivots_are_two_files_of_one_model():
    english, french = (
        one(id="org/small", pivot=p, embedding="weighted-mean@1") for p in ("eng_Latn", "fra_Latn")
    )
    assert english.model == french.model
    assert record_path(english.model, english.evaluator) != record_path(
        french.model, french.evaluator
    )


def test_a_task_score_is_the_same_record_with_nulls():
    record = one(evaluator="accuracy")
    swahili = next(score for score in record.scores if score.language == "swh_Latn")
    assert swahili.layers is None and swahili.tokens is None
    assert swahili.values["accuracy"].chance == 0.25
    assert record.evaluator.parameters.pivot is None
    assert record.evaluator.parameters.options == {"shots": 0, "answers": 4}


def test_another_embedding_method_needs_no_new_key():
    record = one(embedding="prompted-mean@1")
    assert record.evaluator.parameters.options == {"prefix": "query: "}
    assert record.runs[0].device == "cuda"


def test_a_quantised_file():
    record = one(id="org/small-gguf")
    assert (record.model.weights, record.model.dtype) == ("Q4_K_M", "float32")
    assert record.model.file == "small-q4_k_m.gguf"


@pytest.mark.parametrize("path", REPO.paths(), ids=lambda path: path.stem)
def test_fixtures_lie_where_they_belong_and_agree_with_their_hits(path):
    record = read_record(path)
    assert REPO.root / record_path(record.model, record.evaluator) == path
    if record.evaluator.name == "alignment":
        hits = read_hits(path)
        for score in record.scores:
            if score.layers:
                assert hits.unpack(score.language).mean(axis=1).tolist() == score.layers


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"schema_version": 2},
        {"runs": []},
        {"interval": 3},
    ],
)
def test_a_record_with_a_wrong_key_is_refused(change):
    plain = one(evaluator="accuracy").model_dump(mode="json")
    with pytest.raises(ValidationError):
        Record.model_validate({**plain, **change})


@pytest.mark.parametrize(
    ("key", "bad", "says"),
    [
        ("language", "../../etc", "String should match pattern"),
        ("language", "sw", "String should match pattern"),
        ("run", 7, "names run 7"),
        ("layers", [0.1], "has 1 layers, the model 3"),
        ("layers", [0.1, float("nan"), 0.2], "finite"),
        ("values", {"mean": {"value": 0.5, "low": 0.6, "high": 0.7, "chance": 0}}, "outside"),
        ("values", {"mean": {"value": 1.5, "low": None, "high": None, "chance": 0}}, "less than"),
        ("values", {"mean": {"value": 0.5, "low": 0.4, "high": None, "chance": 0}}, "two ends"),
    ],
)
def test_a_bad_score_is_refused_with_its_reason(key, bad, says):
    plain = one(id="org/small", pivot="eng_Latn", embedding="weighted-mean@1").model_dump()
    plain["scores"][1][key] = bad
    with pytest.raises(ValidationError, match=says):
        Record.model_validate(plain)


def test_a_language_twice_is_refused():
    plain = one(evaluator="accuracy").model_dump()
    plain["scores"].append(plain["scores"][0])
    with pytest.raises(ValidationError, match="twice"):
        Record.model_validate(plain)


@given(arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 60))))
def test_hits_come_back_as_they_were_packed(hits):
    layers, n = hits.shape
    side = Hits(schema_version=1, layers=layers, n=n, bits={"fra_Latn": pack(hits)})
    assert (side.unpack("fra_Latn") == hits).all()


def test_hits_of_another_size_are_refused():
    with pytest.raises(ValidationError, match="not 3 x 50 bits"):
        Hits(schema_version=1, layers=3, n=50, bits={"fra_Latn": pack(np.ones((3, 8)))})


def test_the_request_fixture_comes_back_as_it_was():
    text = (FIXTURES / "request.json").read_text()
    request = Request.model_validate(migrate.migrate(json.loads(text)))
    assert request.model_dump(mode="json") == json.loads(text)
    assert len(request.configurations) == 2


def test_a_request_as_the_first_version_wrote_it_is_still_read():
    text = (FIXTURES / "request-first.json").read_text()
    request = Request.model_validate(migrate.migrate(json.loads(text)))
    assert not request.model.gated and request.forgiven == 0 and request.submitter_name is None


def test_the_key_depends_on_every_parameter():
    evaluator = one(embedding="prompted-mean@1").evaluator
    parameters = evaluator.parameters
    changed = {
        "corpus": "flores",
        "corpus_hash": "f" * 64,
        "split": "dev",
        "n": 9,
        "pivot": "fra_Latn",
        "embedding": "prompted-mean@2",
        "seed": 1,
        "options": {},
    }
    assert set(changed) == set(type(parameters).model_fields)
    keys = {evaluator.key()}
    for key, value in changed.items():
        new = parameters.model_copy(update={key: value})
        keys.add(evaluator.model_copy(update={"parameters": new}).key())
    assert len(keys) == 1 + len(changed)


def test_migration_takes_each_step_and_stops_at_the_present(monkeypatch):
    monkeypatch.setitem(migrate.STEPS, 0, lambda old: {"name": old["title"]})
    old = {"schema_version": 0, "title": "x"}
    assert migrate.migrate(old) == {"schema_version": SCHEMA_VERSION, "name": "x"}
    assert old == {"schema_version": 0, "title": "x"}


@pytest.mark.parametrize("bad", [{}, {"schema_version": "1"}, {"schema_version": -4}])
def test_a_document_no_step_leads_from_is_refused(bad):
    with pytest.raises(migrate.UnknownVersion):
        migrate.migrate(bad)


def test_a_newer_document_says_to_update():
    with pytest.raises(migrate.UnknownVersion, match="update the program"):
        migrate.migrate({"schema_version": SCHEMA_VERSION + 1})
