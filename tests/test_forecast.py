"""Forecasts: of what is missing alone, where they are worth showing, with intervals."""

import numpy as np
import pytest
from forecast_tables import scores, table

from results import forecast
from results.forecast import MODELS, OWN, Table, apart, work_out
from results.forecast import table as table_of
from results.sheet import Row, Sheet

COLUMNS = 48


@pytest.fixture(scope="module")
def holed():
    """(what is true, what was measured): single scores missing, three models with few languages,
    one with hardly any."""
    true = scores(24, COLUMNS, traits=2)
    missing = np.random.default_rng(1).random(true.shape) < 0.05
    missing[:3, 15:] = True
    missing[3, OWN - 1 :] = True
    return true, np.where(missing, np.nan, true)


@pytest.fixture(scope="module")
def found(holed):
    return work_out(table(holed[1]))


def test_only_what_is_missing_is_forecast_and_is_held_by_its_interval(found, holed):
    true, values = holed
    assert found.parts[0].reason is None
    able = np.isnan(values)
    able[3] = False  # too little of it is known
    assert (~np.isnan(found.values) == able).all()
    inside = (found.low <= true) & (true <= found.high)
    assert inside[able].mean() > 0.88
    off = np.abs(found.values - true)[able].mean()
    mean = np.abs(np.nanmean(values, axis=0) - true)[able].mean()
    assert off < 0.5 * mean
    assert (found.low[able] >= 0).all() and (found.high[able] <= 1).all()
    assert (found.low <= found.values)[able].all() and (found.values <= found.high)[able].all()


def test_a_model_that_lacks_much_has_the_error_of_blocks(found):
    assert found.blocks[:3].all() and not found.blocks[4:].any()
    ways = {each["way"]: each for each in found.parts[0].checks}
    assert set(ways) == {"cells", "blocks"}
    for each in ways.values():
        assert each["error"] < min(each["baselines"].values()) and 0.9 < each["coverage"] <= 1


def test_without_anything_in_common_nothing_is_offered():
    values = scores(24, COLUMNS, traits=0)
    values[0, 20:] = np.nan
    found = work_out(table(values))
    assert np.isnan(found.values).all()
    assert "not clearly less than both means added, 0.0" in found.parts[0].reason
    assert len(found.parts[0].checks) == 2


def test_a_board_says_why_it_has_none_without_working_anything_out(holed):
    _, values = holed
    few = table(values[: MODELS - 1])
    assert few.reason() == "they need 20 models, this view has 19"
    copies = Table(values, ["org/one"] * 10 + few.models[:14], few.languages, few.parts)
    assert copies.reason() == "they need 20 models, this view has 15"
    assert table(scores(24, COLUMNS, traits=2)).reason() == "nothing is missing"
    assert "10 languages" in table(values[:, :9]).reason()
    assert "from 0 to 1" in table(values - 0.5).reason()
    assert table(values).reason() is None
    with pytest.raises(ValueError, match="20 models"):
        work_out(few)


def test_tasks_are_forecast_only_where_enough_models_have_them(holed):
    _, values = holed
    own = np.full((24, 2), np.nan)
    own[:19] = scores(24, COLUMNS, traits=2)[:19, :2]
    names = table(values)
    both = Table(
        np.hstack([values, own]),
        names.models,
        [*names.languages, "a", "b"],
        [*names.parts, "t", "t"],
    )
    found = work_out(both)
    assert [part.part for part in found.parts] == ["", "t"]
    assert found.parts[0].reason is None
    assert found.parts[1].reason == "they need 20 models, 19 were measured"
    assert np.isnan(found.values[:, COLUMNS:]).all()


def test_a_process_of_its_own_finds_the_same():
    values = scores(21, 20, traits=1, seed=3)
    values[0, 12:] = np.nan
    one, other = apart(table(values)), work_out(table(values))
    assert one.parts == other.parts and one.parts[0].checks
    for name in ("values", "low", "high", "blocks"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_process_that_fails_is_a_sentence(monkeypatch):
    with pytest.raises(OSError, match="could not be worked out"):
        apart(table(scores(3, 12, traits=1)))
    monkeypatch.setattr(forecast, "SECONDS", 0)
    with pytest.raises(OSError, match="more than 0 seconds"):
        apart(table(scores(3, 12, traits=1)))


def sheet(name, columns, values, rows, languages):
    made = [Row(row, f"r{row}", [], [], True, None, []) for row in rows]
    parameters = {"pivot": "eng_Latn", "n": 50}
    evaluator = {"name": name, "version": 1, "parameters": parameters}
    return Sheet(f"{name}-1", evaluator, columns, languages, made, values, None, None)


def test_a_table_has_the_rows_of_the_view_and_the_columns_that_enough_have():
    values = np.arange(28, dtype=np.float32).reshape(1, 7, 4) / 28
    values[0, :3, 1] = np.nan
    view = sheet("alignment", ["mean"], values, [9, 2, 7, 4, 1, 0, 3], ["aaa", "bbb", "ccc", "eng"])
    scored = np.array([[[0.1, 0.2], [0.3, np.nan], [0.5, 0.6], [0.7, 0.8], [0.9, 1], [0, 0]]])
    task = sheet("arc", ["accuracy"], scored.astype(np.float32), [7, 2, 9, 5, 4, 1], ["ccc", "eng"])
    ids = [f"m{row.model}" for row in view.rows]
    found = table_of(view, ids, "mean", ["aaa", "bbb", "ccc", "ddd"], [task])
    assert found.models == ids
    assert (found.languages, found.parts) == (["aaa", "ccc", "ccc"], ["", "", "arc-1"])
    assert found.values[:, 2] == pytest.approx([0.5, 0.3, 0.1, 0.9, 0, np.nan, np.nan], nan_ok=True)
    assert found.hash == table_of(view, ids, "mean", ["aaa", "bbb", "ccc"], [task]).hash
    assert found.hash != table_of(view, ids, "mean", ["aaa"], [task]).hash
