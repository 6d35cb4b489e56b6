"""What the pages ask of the API, with models and languages of a made-up board."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

ANSWER_MS, ANSWER_BYTES = 100.0, 300_000.0
TYPED = "swh_Latn,fra,Deutsch,hin_Deva,yor_Latn,Zulu,pes_Arab,vie_Latn,kor_Hang,jpn_Jpan"
SMALL = "3000000000"


def questions(models: Sequence[str]) -> dict[str, str]:
    """Every kind of question, as what stands behind `/api/v1/`, by what a visitor does.

    models: keys of six models at least.
    """
    one, two, six = models[0], ",".join(models[:2]), ",".join(models[:6])
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "board": ("board", {}),
        "state": ("state", {}),
        "models, core languages": ("models", {}),
        "models, core, max": ("models", {"pooling": "max"}),
        "models, all languages": ("models", {"languages": "all"}),
        "models, all languages, max": ("models", {"languages": "all", "pooling": "max"}),
        "models, a family": ("models", {"languages": "all", "family": "Atlantic-Congo"}),
        "models, a family, max": (
            "models",
            {"languages": "all", "family": "Indo-European", "pooling": "max"},
        ),
        "models, a region": ("models", {"languages": "all", "region": "Africa"}),
        "models, ten typed languages": ("models", {"languages": TYPED}),
        "models, eight columns of languages": ("models", {"show": TYPED}),
        "models, filtered at the server": (
            "models",
            {"max_parameters": SMALL, "kind": "decoder", "licence": "apache-2.0,mit"},
        ),
        "models, other corpus": ("models", {"corpus": "udhr", "languages": "all"}),
        "models, other embedding": ("models", {"embedding": "last-token@1"}),
        "languages": ("languages", {}),
        "languages, small models": ("languages", {"max_parameters": SMALL}),
        "languages, max": ("languages", {"pooling": "max"}),
        "scores of a language": ("scores", {"language": "swh_Latn"}),
        "scores of a language, max": ("scores", {"language": "hin_Deva", "pooling": "max"}),
        "scores of a language, small models": (
            "scores",
            {"language": "yor_Latn", "max_parameters": SMALL},
        ),
        "scores of a model": ("scores", {"model": one}),
        "scores of a model, with layers": ("scores", {"model": models[3], "layers": "1"}),
        "compare two, core": ("compare", {"models": two}),
        "compare two, all languages": ("compare", {"models": two, "languages": "all"}),
        "compare six, core": ("compare", {"models": six}),
        "compare six, all languages": ("compare", {"models": six, "languages": "all"}),
        "compare six, all languages, max": (
            "compare",
            {"models": six, "languages": "all", "pooling": "max"},
        ),
        "segments": ("segments", {"model": one, "language": "fra_Latn"}),
        "requests": ("requests", {}),
    }
    return {
        name: f"{path}?{urlencode(parameters)}" if parameters else path
        for name, (path, parameters) in asked.items()
    }
