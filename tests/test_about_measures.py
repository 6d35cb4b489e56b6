"""The catalogue on the About page is that of `results.methods`."""

from html import escape

from leaderboard.pages import about_measures
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS


def test_every_measure_stands_there_with_version_formula_and_source():
    text = about_measures.tables()
    for each in (*EMBEDDINGS.values(), *SCORES.values(), *STATISTICS.values(), *NOISES.values()):
        assert f"<code>{each}</code>" in text
        assert f"<td>{escape(each.title)}</td><td>{escape(each.formula)}</td>" in text
    for statistic in STATISTICS.values():
        assert f"<td>{escape(statistic.higher)}</td>" in text
    assert "<a href='https://arxiv.org/abs/2410.05873'>arXiv 2410.05873</a>" in text
