"""What a submission may ask for: alignment, or a task; and in which languages there is either."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard import checks
from leaderboard.board import Board
from leaderboard.extras import checked, wanted
from results import architectures
from results.corpora import GATED
from results.language_sets import CORE
from results.schema import Evaluator
from results.tasks import PIVOT, TASKS, Task, configuration, harness_tasks

ALIGNMENT = "alignment"
METHODS = ("weighted-mean@1", "last-token@1")
DEFAULT = "default"
"""The set that is meant where none is given: core for alignment, English for a task."""
NO_CORPUS = (
    "This board has no corpus yet. Its owner can build one with "
    "“python -m evaluators corpus %s --publish FOLDER”."
)
NO_READING = (
    "%s is gated, and this board has no read token for its jobs. Its owner can set one "
    "(MEXA_READ_TOKEN) of an account that has accepted the terms."
)


def offered(board: Board) -> list[tuple[str, str]]:
    """What this board measures, as (label, key); a Ray cluster aligns alone."""
    tasks = [] if board.settings.launcher == "ray" else TASKS.values()
    return [("Alignment", ALIGNMENT), *((task.title, task.name) for task in tasks)]


def task_of(board: Board, measure: str) -> Task | None:
    """The task of a key; None for alignment. Raises checks.Refused for what is not measured."""
    if measure not in (there := [key for _, key in offered(board)]):
        raise checks.Refused(
            f"This board does not measure “{measure[:40]}”; it measures {', '.join(there)}."
        )
    return TASKS.get(measure)


def configurations(
    board: Board,
    measure: str = ALIGNMENT,
    extras: Sequence[str] = (),
    architecture: str | None = None,
    own: bool | None = None,
) -> list[Evaluator]:
    """The evaluator configurations to run: those of alignment with extras, or that of a task.

    extras: keys of `leaderboard.extras.EXTRAS`; architecture and own: see `extras.wanted`.
    Raises checks.Refused where there is no corpus or no access to it, or no such measure.
    """
    task = task_of(board, measure)
    extras = checked(extras, aligned=task is None)
    if task and not task.local:
        return [configuration(task)]
    name = task.corpus if task else board.settings.corpus
    card = board.card_of(name)
    if card is None:
        raise checks.Refused(NO_CORPUS % name)
    if name in GATED and board.settings.launcher == "hf-jobs" and not board.settings.read_token:
        # Other workers may have built it already, or have a token of their own.
        raise checks.Refused(NO_READING % name)
    if task:
        return [configuration(task, card.hash)]
    of_corpus = (card.name, card.hash, card.split, card.n)
    return wanted(extras, architecture, own=own).configurations(*of_corpus)


def available(board: Board, measure: str = ALIGNMENT) -> list[str]:
    """The languages that can be measured: English only in tasks, alignment is to it."""
    task = task_of(board, measure)
    if task and not task.local:
        return list(harness_tasks(task))
    card = board.card_of(task.corpus) if task else board.card
    codes = [language.code for language in card.languages] if card else []
    return codes if task else [code for code in codes if code != PIVOT]


def languages_of(
    board: Board, kind: str, chosen: Sequence[str], measure: str = ALIGNMENT
) -> list[str]:
    """The languages that a choice of set means, among those that can be measured."""
    there = available(board, measure)
    core = [code for code in (PIVOT, *CORE) if code in there]
    usual = core if measure == ALIGNMENT else [PIVOT]
    sets = {DEFAULT: usual, "core": core, "all": there, "chosen": list(chosen)}
    codes = sets.get(kind, [])
    return [code for code in codes if code != PIVOT] if measure == ALIGNMENT else codes


def checked_languages(board: Board, measure: str, languages: Sequence[str]) -> list[str]:
    """The languages, each once. Raises checks.Refused naming those that cannot be measured."""
    task, there = task_of(board, measure), set(available(board, measure))
    chosen = [code for code in dict.fromkeys(languages) if task or code != PIVOT]
    if not chosen:
        raise checks.Refused("Choose at least one language.")
    if unknown := [code for code in chosen if code not in there]:
        shown = ", ".join(code[:30] for code in unknown[:5])
        if task is None:
            raise checks.Refused(f"The corpus has no {shown}.")
        raise checks.Refused(f"{task.title} has no {shown}; it is there in {_list(there)}.")
    return chosen


def check_architecture(name: str, architecture: str | None, measure: str) -> None:
    """Raises checks.Refused for what is no decoder and is to be asked a task."""
    family = architectures.family(architecture) if architecture else "decoder"
    if measure != ALIGNMENT and family != "decoder":
        kind = "static embedder" if family == "static" else family
        raise checks.Refused(
            f"{name} is {'a' if family == 'static' else 'an'} {kind} ({architecture}), which does "
            "not say how likely a text is: tasks are measured on decoders only. Its alignment can "
            "be measured."
        )


def _list(codes: set[str]) -> str:
    shown = sorted(codes)[:8]
    more = len(codes) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
