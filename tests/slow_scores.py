"""The scores written as their formulas read, for tests: lists and loops."""

from __future__ import annotations

import numpy as np
from scipy.linalg import orthogonal_procrustes

MARGIN = 1e-9


def cosine(a, b):
    """Cosine of two vectors in float64; 0 with the vector 0."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    length = np.sqrt((a @ a) * (b @ b))
    return a @ b / length if length else 0.0


def table(pivot, other):
    return [[cosine(a, b) for b in other] for a in pivot]


def turned(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def searched(rows):
    """Whether entry j of row i is over all others of the row."""
    return [
        [all(x - y > MARGIN for k, y in enumerate(row) if k != j) for j, x in enumerate(row)]
        for row in rows
    ]


def mutual(rows):
    there, back = searched(rows), turned(searched(turned(rows)))
    return [[a and b for a, b in zip(*pair, strict=True)] for pair in zip(there, back, strict=True)]


def top(values, k):
    """Mean of the k largest, of all but one where there are not more."""
    k = min(k, len(values) - 1)
    return sum(sorted(values)[-k:]) / k


def centred(vectors):
    return vectors.astype(float) - sum(vector.astype(float) for vector in vectors) / len(vectors)


def ratio(rows):
    found = []
    for row in rows:
        found.append([])
        for j, x in enumerate(row):
            mean = (top(row, 4) + top(turned(rows)[j], 4)) / 2
            found[-1].append(x / mean if mean > MARGIN else 0.0)
    return found


def csls(rows):
    columns = turned(rows)
    return [[2 * x - top(row, 10) - top(columns[j], 10) for j, x in enumerate(row)] for row in rows]


def reciprocal_rank(rows):
    return [[1 / sum(y >= x - MARGIN for y in row) for x in row] for row in rows]


def mapped(pivot, other):
    """C where the other folds have more segments than dimensions, so that the map is one."""
    pivot, other = pivot.astype(float), other.astype(float)
    n = len(pivot)
    found = [[0.0] * n for _ in range(n)]
    for j in range(n):
        rest = [i for i in range(n) if i % 5 != j % 5]
        p, q = pivot - pivot[rest].mean(axis=0), other - other[rest].mean(axis=0)
        turn, _ = orthogonal_procrustes(q[rest], p[rest])
        for i in range(n):
            found[i][j] = cosine(p[i], q[j] @ turn)
    return found


SCORES = {
    "alignment": lambda p, q: mutual(table(p, q)),
    "centred-alignment": lambda p, q: mutual(table(centred(p), centred(q))),
    "search-from-pivot": lambda p, q: searched(table(p, q)),
    "search-to-pivot": lambda p, q: turned(searched(turned(table(p, q)))),
    "ratio-margin-from-pivot": lambda p, q: searched(ratio(table(p, q))),
    "ratio-margin-to-pivot": lambda p, q: turned(searched(turned(ratio(table(p, q))))),
    "csls": lambda p, q: searched(csls(table(p, q))),
    "reciprocal-rank": lambda p, q: reciprocal_rank(table(p, q)),
}
