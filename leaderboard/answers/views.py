"""Which kind of number a sheet holds, and which of them a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.sheet import Sheet
from results.snapshot import Snapshot
from results.tasks import HALVES

if TYPE_CHECKING:
    from leaderboard.asked import ViewAsked
    from leaderboard.board import Board

Json = dict[str, Any]
Kind = Literal["embedding", "score", "noise"]
KINDS: tuple[Kind, ...] = ("embedding", "score", "noise")
"""Alignment by an embedding method; another score; alignment of spoiled segments. In this order."""
ALIGNMENT = "alignment"
ENGLISH = "eng_Latn"


class NotFound(ValueError):
    """Raised when a question names something that the board does not have."""


def noise_of(sheet: Sheet) -> str:
    """`characters:0.1` where the segments were spoiled, else empty."""
    options = sheet.parameters.get("options") or {}
    if "noise" not in options:
        return ""
    return f"{str(options['noise']).partition('@')[0]}:{float(options.get('rate') or 0):g}"


def kind_of(sheet: Sheet) -> Kind:
    """What the views of a corpus are grouped by."""
    if noise_of(sheet):
        return "noise"
    return "embedding" if sheet.name == ALIGNMENT else "score"


def method_of(sheet: Sheet) -> str:
    """The name of its embedding method, without the version."""
    return str(sheet.parameters["embedding"]).partition("@")[0]


def method_title(embedding: str) -> str:
    """An embedding method's title, `name@version` or the name given."""
    name = embedding.partition("@")[0]
    return EMBEDDINGS[name].title if name in EMBEDDINGS else name.replace("-", " ")


def is_single(sheet: Sheet) -> bool:
    """Whether its embedding method gives one vector a segment, and so no layers."""
    method = EMBEDDINGS.get(method_of(sheet))
    return method is not None and method.single


def keeps_hits(sheet: Sheet) -> bool:
    """Whether segments count or do not, so that averages have intervals."""
    score = SCORES.get(sheet.name)
    return score is not None and score.hits


def sheets(snapshot: Snapshot, *, held_out: bool = False) -> list[Sheet]:
    """Those of scores: alignment by weighted mean first, by the number of scores, noise last.

    held_out: with those on part of a corpus that are only compared with a task.
    """

    def place(sheet: Sheet) -> tuple[Any, ...]:
        method, kind = method_of(sheet), KINDS.index(kind_of(sheet))
        order = list(EMBEDDINGS).index(method) if method in EMBEDDINGS else len(EMBEDDINGS)
        of_score = list(SCORES).index(sheet.name), noise_of(sheet), sheet.configuration
        foreign = sheet.pivot != ENGLISH
        return kind, method != "weighted-mean", foreign, -sheet.values[0].size, order, *of_score

    found = (each for each in snapshot.sheets if each.name in SCORES and "mean" in each.columns)
    shown = (each for each in found if held_out or each.parameters["split"] not in HALVES)
    return sorted(shown, key=place)


def views(board: Board, *, held_out: bool = False) -> list[Sheet]:
    """Those of a board, its default first: of the corpus that it evaluates on, where any is.

    held_out: as of `sheets`.
    """
    own = board.settings.corpus

    def place(sheet: Sheet) -> tuple[int, bool]:
        return KINDS.index(kind_of(sheet)), sheet.parameters["corpus"] != own

    return sorted(sheets(board.snapshot, held_out=held_out), key=place)


def alignment_sheets(snapshot: Snapshot, *, held_out: bool = False) -> list[Sheet]:
    """Those of alignment alone, of segments as they are."""
    found = sheets(snapshot, held_out=held_out)
    return [each for each in found if kind_of(each) == "embedding"]


def statistic_sheets(snapshot: Snapshot) -> list[Sheet]:
    """Those of statistics of layers, in the catalogue's order, to English and the largest first."""

    def place(sheet: Sheet) -> tuple[Any, ...]:
        foreign = sheet.pivot not in (None, ENGLISH)
        order = list(STATISTICS).index(sheet.name)
        return order, foreign, -sheet.values[0].size, sheet.configuration

    found = (each for each in snapshot.sheets if each.name in STATISTICS)
    return sorted((e for e in found if e.parameters["split"] not in HALVES), key=place)


def view(sheet: Sheet) -> Json:
    """Which kind of number a sheet holds."""
    parameters = sheet.parameters
    method = method_title(str(parameters["embedding"]))
    pivot = "" if sheet.pivot in (None, ENGLISH) else f" · to {sheet.pivot}"
    what = "" if sheet.name == ALIGNMENT else f" · {title_of(sheet.name)}"
    noise = noise_of(sheet)
    spoiled = f" · {noise_title(noise)}" if noise else ""
    names = ("corpus", "corpus_hash", "split", "n", "pivot", "embedding")
    label = f"{parameters['corpus']} · {sheet.n} segments · {method}{pivot}{what}{spoiled}"
    return {
        "view": sheet.configuration,
        **{name: parameters[name] for name in names},
        "score": sheet.name,
        "noise": noise or None,
        "kind": kind_of(sheet) if sheet.name in SCORES else "statistic",
        "title": title_of(sheet.name),
        "method": method,
        "noise_title": noise_title(noise) if noise else None,
        "hits": keeps_hits(sheet),
        "single": is_single(sheet),
        "label": label,
        "evaluator": f"{sheet.name}@{sheet.evaluator['version']}",
        "models": len(sheet.rows),
        "languages": len(sheet.languages) - (sheet.pivot in sheet.places),
    }


def title_of(name: str) -> str:
    """A score's or statistic's title."""
    found = SCORES.get(name) or STATISTICS.get(name)
    return found.title if found else name


def noise_title(noise: str) -> str:
    """`characters, rate 0.1` of `characters:0.1`."""
    kind, _, rate = noise.partition(":")
    return f"{NOISES[kind].title if kind in NOISES else kind}, rate {rate}"


def find_sheet(board: Board, asked: ViewAsked) -> Sheet:
    """The sheet that a question is about, the board's default where it does not say.

    Raises NotFound.
    """
    found = views(board)
    if not found:
        raise NotFound("nothing is measured on this board yet; submit a model")
    if asked.view:
        chosen = [each for each in found if each.configuration == asked.view]
    else:
        chosen = [each for each in found if _is_of(each, asked)]
    if not chosen:
        known = "; ".join(_named(each) for each in found[:10])
        raise NotFound(f"no scores of that corpus, embedding, pivot and score; there are {known}")
    return chosen[0]


def _named(sheet: Sheet) -> str:
    """A view as a question names it."""
    parameters = sheet.parameters
    corpus = f"corpus={parameters['corpus']}-{str(parameters['corpus_hash'])[:12]}"
    score = "" if sheet.name == ALIGNMENT else f"&score={sheet.name}"
    noise = f"&noise={noise_of(sheet)}" if noise_of(sheet) else ""
    embedding = f"&embedding={parameters['embedding']}"
    return f"{corpus}{embedding}{score}{noise} (view={sheet.configuration})"


def is_of_corpus(sheet: Sheet, corpus: str) -> bool:
    """Whether a corpus is named so: by its name, or its name and build."""
    name = str(sheet.parameters["corpus"])
    return corpus in ("", name, f"{name}-{str(sheet.parameters['corpus_hash'])[:12]}")


def _is_of(sheet: Sheet, asked: ViewAsked) -> bool:
    noise = noise_of(sheet)
    return (
        is_of_corpus(sheet, asked.corpus)
        and asked.embedding in ("", sheet.parameters["embedding"])
        and asked.pivot in ("", sheet.parameters["pivot"])
        and sheet.name == (asked.score or ALIGNMENT)
        and asked.noise == noise
    )
