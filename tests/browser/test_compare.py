"""Models beside each other over the same languages."""

import re

import pytest
from playwright.sync_api import expect

from browser.reading import line, query
from browser.records import GEMMA, SMOLLM, key, record


@pytest.fixture(scope="module")
def app(shipped_app):
    return shipped_app


def signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.3f}"


def test_differences_are_those_of_the_records_and_said_in_words(app, page):
    page.goto(f"{app.url}/?page=compare&models={GEMMA},{SMOLLM}")
    for name, code in (("French", "fra_Latn"), ("Spanish", "spa_Latn"), ("Hausa", "hau_Latn")):
        first, other = (record(model, code).values["mean"] for model in (GEMMA, SMOLLM))
        expect(line(page, name).first).to_be_visible()
        cells = line(page, name).all_inner_texts()
        assert cells[1].split() == [f"{first.value:.3f}", f"{first.low:.3f}–{first.high:.3f}"]
        assert cells[2].split()[0] == f"{other.value:.3f}"
        assert cells[3].startswith(signed(other.value - first.value))
        covered = first.value > first.chance or other.value > other.chance
        assert cells[4] == ("▼ worse" if name != "Hausa" else "≈ no clear difference")
        assert covered == (name != "Hausa")
    overall = page.locator(".board.compare .overall")
    expect(overall).to_contain_text("40 languages")
    expect(overall.locator("tbody tr").last).to_contain_text(
        re.compile(r"▼ 0\.0\d{2} worse, 0\.0\d{2} to 0\.\d{3}; clear, p < 0\.001")
    )
    plots = page.locator(".board.compare .plot")
    expect(plots.first).to_have_attribute("aria-label", re.compile("in 40 languages"))
    expect(plots.last).to_have_attribute("aria-label", re.compile("2 models in .* regions"))
    page.get_by_text("family", exact=True).click()
    expect(plots.last).to_have_attribute("aria-label", re.compile("families"))
    page.get_by_role("button", name="Compare to SmolLM2").click()
    expect(line(page, "French").nth(4)).to_have_text("▲ better")
    assert query(page)["models"] == f"{key(SMOLLM)},{key(GEMMA)}"
    assert query(page)["groups"] == "family"


def test_models_are_added_and_removed_and_nonsense_is_left_out(app, page):
    page.goto(f"{app.url}/?page=compare&models={GEMMA},nobody/nothing,{key(GEMMA)}&groups=moon")
    notes = page.locator(".board.compare .notes")
    for said in ("nobody/nothing", "the same model twice", "groups=moon"):
        expect(notes).to_contain_text(said)
    expect(page.get_by_text("Add another model to compare it with")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(key(GEMMA)) + "$"))
    page.get_by_label("Add a model").select_option(key(SMOLLM))
    expect(line(page, "French").first).to_be_visible()
    page.get_by_role("button", name="Remove Gemma").click()
    expect(page.get_by_text("Add another model to compare it with")).to_be_visible()
    expect(line(page, "French")).to_have_count(0)
    assert query(page) == {"page": "compare", "models": key(SMOLLM)}
    page.go_back()
    expect(line(page, "French").first).to_be_visible()
