"""Each embedding method written from its formula: one segment at a time, all states kept, float64.

A twin takes the model, its tokenizer and the segments of a language and of the pivot, and gives a
list of layers, each a list of vectors.
"""

import numpy as np
import torch


@torch.no_grad()
def states(loaded, ids):
    """(layers, tokens, hidden) of token ids."""
    found = loaded.model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
    return np.stack([layer[0].double().numpy() for layer in found])


def alone(loaded, text):
    return states(loaded, loaded.tokenizer(text)["input_ids"])


def by_layer(vectors):
    """From one list of layers a segment to one list of segments a layer."""
    return [np.stack(layer) for layer in zip(*vectors, strict=True)]


def weighted_mean(loaded, texts, _pivot):
    found = []
    for text in texts:
        h = alone(loaded, text)
        t = np.arange(1, h.shape[1] + 1)
        found.append(
            [sum(w * row for w, row in zip(t, layer, strict=True)) / sum(t) for layer in h]
        )
    return by_layer(found)


def last_token(loaded, texts, _pivot):
    return by_layer([alone(loaded, text)[:, -1] for text in texts])


def mean(loaded, texts, _pivot):
    return by_layer([alone(loaded, text).mean(axis=1) for text in texts])


def echo(loaded, texts, _pivot):
    found = []
    for text in texts:
        first = f"Rewrite the sentence: {text}, rewritten sentence:"
        before = loaded.tokenizer(first, add_special_tokens=False)["input_ids"]
        plain = loaded.tokenizer(f"{first} {text}", add_special_tokens=False)["input_ids"]
        assert plain[: len(before)] == before
        ids = loaded.tokenizer(f"{first} {text}")["input_ids"]
        start = 1 + len(before)
        # A space that is a token of its own is not the segment's.
        start += loaded.tokenizer.decode(ids[start : start + 1]) == " "
        found.append(states(loaded, ids)[:, start : 1 + len(plain)].mean(axis=1))
    return by_layer(found)


def prompt(loaded, text):
    return loaded.tokenizer(f'This sentence: "{text}" means in one word: "')["input_ids"]


def prompt_last(loaded, texts, _pivot):
    return by_layer([states(loaded, prompt(loaded, text))[:, -1] for text in texts])


@torch.no_grad()
def token_prepending(loaded, texts, _pivot):
    """Block by block, as a llama's are; of three blocks the first one's output is handed on."""
    model, found = loaded.model, []
    for text in texts:
        ids = prompt(loaded, text)
        place = 1 + len(loaded.tokenizer("This sentence:", add_special_tokens=False)["input_ids"])
        lengths = model.embed_tokens.weight.norm(dim=1)
        random = torch.randn(16, generator=torch.Generator().manual_seed(0))
        random = random / random.norm() * lengths.mean()
        tokens = model.embed_tokens(torch.tensor(ids))
        h = torch.cat([tokens[:place], random[None], tokens[place:]])[None]
        angles = model.rotary_emb(h, torch.arange(h.shape[1])[None])
        layers = [h]
        for number, block in enumerate(model.layers):
            if number == 1:
                h = h.clone()
                h[0, place] = h[0, -1]
            h = block(h, attention_mask=None, position_embeddings=angles)
            layers.append(h)
        layers[-1] = model.norm(h)
        found.append([layer[0, -1].double().numpy() for layer in layers])
    return by_layer(found)


def whitened_first_last(loaded, texts, pivot):
    def averages(segments):
        means = mean(loaded, segments, None)
        return (means[1] + means[-1]) / 2

    fit = averages(pivot)
    values, directions = np.linalg.eigh(np.cov(fit, rowvar=False))
    kept = values > 1e-6 * values.max()
    whitening = directions[:, kept] / np.sqrt(values[kept])
    return [(averages(texts) - fit.mean(axis=0)) @ whitening]


def layer_average(loaded, texts, _pivot):
    found = []
    for text in texts:
        h = alone(loaded, text)
        centred = h - h.mean(axis=2, keepdims=True)
        found.append((centred / np.sqrt(h.var(axis=2, keepdims=True) + 1e-5)).mean(axis=(0, 1)))
    return [np.stack(found)]


def clipped_mean(loaded, texts, pivot):
    layers = []
    for vectors, of_pivot in zip(mean(loaded, texts, None), mean(loaded, pivot, None), strict=True):
        centre = of_pivot.mean(axis=0)
        near = abs(centre - centre.mean()) <= 3 * centre.std()
        layers.append(vectors * near)
    return layers


def language_mean_removed(loaded, texts, _pivot):
    return [layer - layer.mean(axis=0) for layer in weighted_mean(loaded, texts, None)]


@torch.no_grad()
def moe_routing(loaded, texts, _pivot):
    found = []
    for text in texts:
        ids = torch.tensor([loaded.tokenizer(text)["input_ids"]])
        logits = loaded.model(input_ids=ids, output_router_logits=True).router_logits
        shares = [np.exp(each[-1].double().numpy()) for each in logits]
        found.append(np.concatenate([share / share.sum() for share in shares]))
    return [np.stack(found)]


def moe_routing_hidden(loaded, texts, _pivot):
    def unit(rows):
        return rows / np.sqrt((rows**2).sum(axis=1, keepdims=True))

    (routing,) = moe_routing(loaded, texts, None)
    return [np.hstack([unit(h), unit(routing)]) for h in last_token(loaded, texts, None)]


def of(method):
    """The twin of a method, by its name."""
    return globals()[method.name.replace("-", "_")]
