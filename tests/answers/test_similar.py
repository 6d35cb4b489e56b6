"""Similar models: nearest by language profile."""

import numpy as np
import pytest

from answers.answers_tools import GEMMA, SMOLLM, ask
from leaderboard import answers
from leaderboard.asked import ScoresAsked


def test_the_distance_is_over_shared_counted_languages(real):
    found = answers.scores(real, ask(ScoresAsked, model=GEMMA, layers="1"))
    (near,) = found["similar"]
    assert near["id"] == SMOLLM
    other = answers.scores(real, ask(ScoresAsked, model=SMOLLM))
    sides = [
        {s["language"]: s["mean"]["value"] for s in each["scores"] if s["counted"]}
        for each in (found, other)
    ]
    shared = sorted(set(sides[0]) & set(sides[1]))
    one, two = (np.array([side[code] for code in shared]) for side in sides)
    assert near["shared"] == len(shared) >= 10
    assert near["distance"] == pytest.approx(np.sqrt(((one - two) ** 2).mean()), abs=1e-5)
    assert near["correlation"] == pytest.approx(np.corrcoef(one, two)[0, 1], abs=1e-4)
    assert answers.scores(real, ask(ScoresAsked, model=GEMMA))["similar"] == []
