"""`.eval_results` YAML, parsed back by the Hub's own client."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from huggingface_hub import EvalResultEntry, parse_eval_result_entries
from test_export import RUN, SHA, add, model

from results import eval_results
from results.language_sets import CORE
from results.repo import SHIPPED

ABOUT = eval_results.Attribution(
    "org/board-results", "https://huggingface.co/spaces/org/board", "Our board"
)
WHERE = "eval_results/org__model/mexa.yaml"


def parsed(root: Path, name: str = WHERE) -> dict[str, EvalResultEntry]:
    entries = parse_eval_result_entries(yaml.safe_load(eval_results.documents(root, ABOUT)[name]))
    assert len({(entry.dataset_id, entry.task_id) for entry in entries}) == len(entries)
    return {entry.task_id: entry for entry in entries}


def test_one_number_a_metric_and_language_with_what_it_means(tmp_path: Path) -> None:
    key = add(tmp_path, model(), {"fra_Latn": 0.6}).rpartition("-")[2]
    found = parsed(tmp_path)
    assert set(found) == {
        f"udhr_weighted-mean_{metric}_fra_Latn_{key}" for metric in ("mean", "max")
    }
    one = found[f"udhr_weighted-mean_mean_fra_Latn_{key}"]
    assert one.value == pytest.approx(0.2)
    assert (one.dataset_id, one.date) == ("org/board-results", "2026-11-20")
    assert (one.source_url, one.source_name) == (ABOUT.url, ABOUT.name)
    assert one.notes == (
        f"mean over layers, weighted mean, n=50, weights bfloat16, computed in float32, "
        f"revision {SHA}, 95 % interval 0.000 to 1.000, chance 0.020"
    )


def test_the_average_is_there_only_when_every_core_language_is(tmp_path: Path) -> None:
    shares = {code: 0.1 + 0.02 * (k % 30) for k, code in enumerate(CORE)}
    key = add(tmp_path, model(), {code: shares[code] for code in CORE[1:]}).rpartition("-")[2]
    add(tmp_path, model(), {"dan_Latn": 0.9})
    assert not [task for task in parsed(tmp_path) if "average" in task]
    later = RUN.model_copy(update={"started": RUN.started + timedelta(days=3)})
    add(tmp_path, model(), {CORE[0]: shares[CORE[0]]}, later)
    found = parsed(tmp_path)
    mean = found[f"udhr_weighted-mean_mean_average_{key}"]
    assert mean.value == pytest.approx(sum(shares.values()) / len(CORE) / 3)
    assert mean.date == "2026-11-23"
    assert "average over 40 languages, 95 % interval" in mean.notes
    largest = found[f"udhr_weighted-mean_max_average_{key}"]
    assert largest.value == pytest.approx(sum(shares.values()) / len(CORE))
    assert "interval" not in largest.notes


def test_of_several_dtypes_and_revisions_one_speaks_for_the_repo(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    later = RUN.model_copy(update={"started": RUN.started + timedelta(days=1)})
    new = SHA[::-1]
    add(tmp_path, model(), {"fra_Latn": 0.2, "deu_Latn": 0.2, "spa_Latn": 0.2})
    add(tmp_path, model(revision=new, dtype="bfloat16"), {"fra_Latn": 0.8}, later)
    add(tmp_path, model(revision=new), {"fra_Latn": 0.6, "deu_Latn": 0.6})
    found = parsed(tmp_path).values()
    assert sorted(entry.value for entry in found) == pytest.approx([0.2, 0.2, 0.6, 0.6])
    assert all(f"revision {new}" in entry.notes for entry in found)
    assert all("computed in float32" in entry.notes for entry in found)
    assert caplog.text.count("is left out; another speaks for the repo") == 2


def test_only_models_of_the_hub_have_a_file(tmp_path: Path) -> None:
    add(tmp_path, model("local:mine"), {"fra_Latn": 0.5})
    add(tmp_path, model("gpt2"), {"fra_Latn": 0.5})
    assert set(eval_results.documents(tmp_path, ABOUT)) == {"eval_results/gpt2/mexa.yaml"}
    assert eval_results.documents(SHIPPED, ABOUT) == {}


def test_without_attribution_there_is_no_source(tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    text = eval_results.documents(tmp_path, eval_results.Attribution("org/x"))[WHERE]
    assert "source" not in text
    assert len(parse_eval_result_entries(yaml.safe_load(text))) == 2
