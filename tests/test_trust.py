"""Correlations across languages, their intervals, and what is said of them."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from results.trust import VERDICTS, better_method, correlation, outliers, pooled

N = 107


def made(strength, seed=0, n=N):
    random = np.random.default_rng(seed)
    alignment = random.beta(0.6, 2.5, n)
    noise = random.normal(0, 1, n) * alignment.std()
    return alignment, np.clip(0.3 + 0.5 * (strength * alignment + (1 - strength) * noise), 0, 1)


def test_both_are_scipys_and_lie_in_their_intervals():
    alignment, accuracy = made(0.7)
    found = correlation(alignment, accuracy)
    assert found.n == N
    assert found.pearson[0] == pytest.approx(pearsonr(alignment, accuracy).statistic)
    assert found.spearman[0] == pytest.approx(spearmanr(alignment, accuracy).statistic)
    for value, low, high in (found.pearson, found.spearman):
        assert low < value < high


def test_intervals_hold_the_true_correlation():
    random, inside = np.random.default_rng(1), 0
    true = 0.6
    for _ in range(100):
        pair = random.multivariate_normal([0, 0], [[1, true], [true, 1]], 100)
        low, high = correlation(pair[:, 0], pair[:, 1] * 0.1).pearson[1:]
        inside += low <= true <= high
    assert 0.88 <= inside / 100 <= 0.99


@pytest.mark.parametrize(
    ("strength", "verdict"), [(1.0, "predicts"), (0.55, "in part"), (0.0, "not")]
)
def test_the_verdict_follows_the_lower_end(strength, verdict):
    found = correlation(*made(strength))
    assert found.verdict == verdict and verdict in VERDICTS


def test_little_or_constant_data_give_no_correlation():
    alignment, accuracy = made(0.7)
    assert correlation(alignment[:9], accuracy[:9]) is None
    assert correlation(np.zeros(N), accuracy) is None
    assert correlation(alignment, np.full(N, 0.25)) is None
    assert not outliers(np.zeros(N), accuracy).any()


def test_the_language_off_the_line_is_named():
    alignment, accuracy = made(1.0)
    accuracy = accuracy.copy()
    accuracy[17] += 0.5
    far = np.abs(outliers(alignment, accuracy))
    assert far.argmax() == 17 and far[17] > 3


def test_a_better_method_is_told_from_an_equal_one():
    alignment, accuracy = made(0.8)
    random = np.random.default_rng(4)
    noise = random.normal(0, alignment.std(), (2, N))
    rows = np.stack([accuracy, accuracy])
    clear = better_method(np.stack([alignment] * 2), alignment + 2 * noise, rows)
    assert clear[1] > 0
    equal = better_method(alignment + noise * 0.1, alignment + noise[::-1] * 0.1, rows)
    assert equal[1] <= 0 <= equal[2] and equal[0] == pytest.approx(0, abs=0.02)


def test_models_together_are_resampled_by_language():
    """The same languages in three models are no more than in one: the interval must not narrow."""
    alignment, accuracy = made(0.7)
    codes = [f"language {at}" for at in range(N)]
    alone = correlation(alignment, accuracy)
    thrice = pooled([alignment] * 3, [accuracy] * 3, [codes] * 3)
    assert thrice.n == 3 * N
    assert thrice.pearson[0] == pytest.approx(alone.pearson[0])
    widths = [high - low for _, low, high in (alone.pearson, thrice.pearson)]
    assert widths[1] == pytest.approx(widths[0], rel=0.15)
    other = pooled([alignment, 1 - alignment], [accuracy] * 2, [codes, [*codes[:-1], "one more"]])
    assert other.pearson[0] == pytest.approx(
        pearsonr(np.r_[alignment, 1 - alignment], np.r_[accuracy, accuracy]).statistic
    )
    assert pooled([np.zeros(N)], [accuracy], [codes]) is None
