"""The angle between successive differences of token states."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.statistics.curvature import angles


def slow(states):
    """Mean angle of one segment's states (tokens, hidden); NaN where there is none."""
    steps = [b - a for a, b in pairwise(states)]
    found = [
        math.acos(max(-1.0, min(1.0, (v @ w) / math.sqrt((v @ v) * (w @ w)))))
        for v, w in pairwise(steps)
        if v.any() and w.any()
    ]
    return sum(found) / len(found) if found else math.nan


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_a_batch_has_the_angles_of_each_segment_alone(seed, lengths, left, repeat):
    """Padded on either side with states that are anything; one token's state twice."""
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(len(lengths), 6, 5))
    mask = np.zeros((len(lengths), 6), dtype=int)
    expected = []
    for row, length in enumerate(lengths):
        own = slice(6 - length, 6) if left else slice(0, length)
        mask[row, own] = 1
        if repeat and length > 1:
            states[row, own][1] = states[row, own][0]
        expected.append(slow(states[row, own]))
    found = angles(torch.tensor(states), torch.tensor(mask))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_line_a_corner_and_a_way_back(dtype):
    states = torch.tensor(
        [
            [[0, 0], [1, 0], [2, 0], [4, 0]],
            [[0, 0], [1, 0], [1, 1], [0, 1]],
            [[0, 0], [1, 0], [0, 0], [1, 0]],
            [[0, 0], [1, 0], [9, 9], [7, 9]],
            [[3, 3], [3, 3], [3, 3], [3, 3]],
        ],
        dtype=dtype,
    )
    mask = torch.tensor([[1, 1, 1, 1]] * 3 + [[1, 1, 0, 0]] + [[1, 1, 1, 1]])
    found = angles(states, mask)
    assert found[:3].tolist() == pytest.approx([0, math.pi / 2, math.pi])
    assert found[3:].isnan().all()
