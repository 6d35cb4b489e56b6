"""Sums over languages, against the slow obvious way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.sheet import bit_sums, medians


@given(
    st.integers(1, 40),
    st.tuples(st.integers(1, 4), st.integers(1, 3)),
    st.integers(1, 130),
    st.integers(0, 2**32 - 1),
)
def test_bits_are_counted(arrays, shape, n, seed):
    random = np.random.default_rng(seed)
    bits = random.random((arrays, *shape, n)) < random.random()
    packed = np.packbits(bits, axis=-1)
    padded = np.pad(packed, ((0, 0),) * 3 + ((0, -packed.shape[-1] % 8),))
    assert np.array_equal(bit_sums(padded)[..., :n], bits.sum(axis=0))


def test_no_bits_are_no_sum():
    with pytest.raises(ValueError, match="no bits"):
        bit_sums([])


def test_medians_leave_out_what_is_not_there():
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan], [8.0, np.nan, np.nan]])
    assert np.array_equal(medians(values), [3.0, 5.0, np.nan], equal_nan=True)
