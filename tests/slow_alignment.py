"""The score written the slow obvious way, for tests: one segment at a time, two loops."""

from __future__ import annotations

import numpy as np
import torch


def vectors(model, tokenizer, text):
    """Per method and layer, the segment's vector in float64."""
    ids = tokenizer(text, add_special_tokens=True, return_tensors="pt").input_ids
    with torch.no_grad():
        states = model(input_ids=ids, output_hidden_states=True).hidden_states
    length = ids.shape[1]
    total = length * (length + 1) / 2
    found = {"weighted-mean@1": [], "last-token@1": []}
    for layer in states:
        tokens = layer[0].double().numpy()
        mean = sum(tokens[t] * ((t + 1) / total) for t in range(length))
        found["weighted-mean@1"].append(mean)
        found["last-token@1"].append(tokens[length - 1])
    return found


def cosine(a, b):
    """Cosine of two vectors in float64."""
    return (a @ b) / np.sqrt((a @ a) * (b @ b))


def margins(pivot, other):
    """For each segment, C_ii less the largest other entry of row i and of column i."""
    n = len(pivot)
    table = [[cosine(pivot[i], other[j]) for j in range(n)] for i in range(n)]
    found = []
    for i in range(n):
        rivals = [table[i][j] for j in range(n) if j != i]
        rivals += [table[j][i] for j in range(n) if j != i]
        found.append(table[i][i] - max(rivals))
    return found


def reference(model, tokenizer, pivot_texts, other_texts):
    """method -> (layers, n) list of margins; a segment counts where its margin is above 1e-9."""
    pivot = [vectors(model, tokenizer, text) for text in pivot_texts]
    other = [vectors(model, tokenizer, text) for text in other_texts]
    return {
        method: [
            margins([p[method][layer] for p in pivot], [o[method][layer] for o in other])
            for layer in range(len(pivot[0][method]))
        ]
        for method in pivot[0]
    }
