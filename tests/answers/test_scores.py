"""One language in all models, one model in all languages, against the records."""

import json

import numpy as np
import pytest

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of, edit
from leaderboard import answers
from leaderboard.asked import ScoresAsked
from results.repo import Repo, read_record
from results.tasks import TASKS


def scores(board, **values):
    return answers.scores(board, ask(ScoresAsked, **values))


def record_of(board, model, view):
    (found,) = (
        path
        for path, record in board.repo.records()
        if (record.model.id, record.evaluator.key()) == (model, view)
    )
    return read_record(found)


def test_a_language_ranks_the_models_and_says_what_the_tokenizer_costs(real):
    found = scores(real, language="sw")
    assert found["language"]["name"] == "Swahili"
    assert [each["id"] for each in found["scores"]] == [SMOLLM, GEMMA]
    for each in found["scores"]:
        record = record_of(real, each["id"], found["view"]["view"])
        score = next(s for s in record.scores if s.language == "swh_Latn")
        for name, value in score.values.items():
            assert each[name]["value"] == pytest.approx(value.value, abs=1e-6)
            assert each[name]["at_chance"] is value.at_chance
        assert each["tokens"] == score.tokens
        assert each["tokens_ratio"] == pytest.approx(score.tokens_ratio, abs=1e-6)
        assert each["best_layer"] == int(np.argmax(score.layers))


def test_at_chance_is_last_and_tied(real, folder):
    def copy(name, value):
        for path in list(Repo(folder).paths()):
            record = json.loads(path.read_text())
            if "SmolLM2" not in record["model"]["name"] or record["evaluator"]["name"] in TASKS:
                continue
            record["model"] |= {"id": f"local:{name}", "name": name}
            for score in record["scores"]:
                for each in score["values"].values():
                    each |= {"value": value, "low": 0.0, "high": 1.0}
            target = folder / "results" / f"local={name}" / "/".join(path.parts[-3:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(record))
            target.with_suffix(".hits.json").write_bytes(
                path.with_suffix(".hits.json").read_bytes()
            )

    for number in range(3):
        copy(f"zero{number}", 0.0)
    found = scores(board_of(folder), language="fra_Latn", ranked="all")["scores"]
    assert [each["name"] for each in found[:2]] == ["Gemma 3 270M", "SmolLM2-135M-Instruct"]
    assert [each["rank"] for each in found] == [
        {"low": 1, "high": 1},
        {"low": 2, "high": 2},
        *[{"low": 3, "high": 5}] * 3,
    ]
    assert all(each["mean"]["at_chance"] for each in found[2:])


@pytest.mark.parametrize("name", ["Swahili", "Kiswahili", "sw", "swh", "swh_Latn"])
def test_a_language_by_any_of_its_names(real, name):
    assert scores(real, language=name)["language"]["language"] == "swh_Latn"


def test_under_a_size(real):
    found = scores(real, language="fra", max_parameters="200000000")["scores"]
    assert [each["id"] for each in found] == [SMOLLM]


def test_a_model_in_all_languages_with_its_curves(real):
    found = scores(real, model=GEMMA, layers="1")
    record = record_of(real, GEMMA, found["view"]["view"])
    values = {s.language: s for s in record.scores if s.values}
    assert {each["language"] for each in found["scores"]} == set(values)
    assert len(found["model"]["runs"]) == len(record.runs)
    for each in found["scores"][:20]:
        score = values[each["language"]]
        assert each["layers"] == pytest.approx(score.layers, abs=1e-6)
        assert each["layers_chance"] == pytest.approx(score.layers_chance, abs=1e-6)
    order = [(each["mean"]["at_chance"], -each["mean"]["value"]) for each in found["scores"]]
    assert order == sorted(order)
    assert "layers" not in scores(real, model=GEMMA)["scores"][0]


def test_without_the_record_a_model_has_its_scores_but_no_curves(folder):
    board = board_of(folder)
    for path in Repo(folder).paths():
        path.unlink()
    found = scores(board, model=SMOLLM, layers="1")
    assert found["scores"] and "layers" not in found["scores"][0]


def test_one_score_alone(real):
    (score,) = scores(real, model=GEMMA, language="fr")["scores"]
    assert score["language"] == "fra_Latn"


def test_relatives_are_the_base_model_and_the_size_class(folder):
    def adopt(record):
        record["model"]["base_model"] = SMOLLM

    edit(folder, adopt, "Gemma")
    board = board_of(folder)
    (base,) = scores(board, model=GEMMA, layers="1")["like"]
    assert (base["id"], base["relation"]) == (SMOLLM, "base model")
    assert base["difference"]["value"] == pytest.approx(0.00271 - 0.081947, abs=1e-5)
    assert base["difference"]["high"] < 0 and base["difference"]["p"] < 0.05
    (made,) = scores(board, model=SMOLLM, layers="1")["like"]
    assert (made["relation"], made["difference"]["value"]) == (
        *("made from it", pytest.approx(-base["difference"]["value"])),
    )


def test_size_class_is_half_to_twice(folder, real):
    assert scores(real, model=GEMMA, layers="1")["like"][0]["relation"] == "same size class"
    edit(folder, lambda record: record["model"].update(parameters=10**9), "Gemma")
    assert scores(board_of(folder), model=GEMMA, layers="1")["like"] == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"language": "xyz"}, "xyz"),
        ({"language": "eng"}, "English is not measured"),
        ({"model": "no/such"}, "the board has no model no/such"),
        ({"model": GEMMA, "embedding": "echo@1"}, "no scores of that corpus"),
    ],
)
def test_what_is_not_there_is_said(real, values, says):
    with pytest.raises(answers.NotFound, match=says):
        scores(real, **values)
