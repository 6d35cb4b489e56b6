"""What a submission would run, in words for its form."""

from __future__ import annotations

from html import escape

from leaderboard.extras import passes
from leaderboard.submissions import Plan
from results.durations import duration
from results.evaluation import Wanted
from results.languages import resolve
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.request import Request
from results.tasks import TASKS


def describe(found: Plan) -> str:
    """What will run, as HTML."""
    model = found.request.model
    names = ", ".join(resolve(code).name for code in found.missing[:8])
    more = f" and {len(found.missing) - 8} more" if len(found.missing) > 8 else ""
    there = found.asked - len(found.missing)
    time = duration(found.seconds) if found.seconds is not None else "unknown on this machine"
    facts = {
        "Model": f"{found.name} ({model.id})",
        "Revision": model.revision,
        "Weights": f"{model.weights}, computed in {model.dtype}",
        "Parameters": f"{model.parameters / 1e6:,.0f} million" if model.parameters else "unknown",
        "Languages": f"{len(found.missing)} to measure: {names}{more}"
        + (f" ({there} are on the board already)" if there else ""),
        **_measured(found.request),
        "May take": f"{time}, once it runs",
        "Queue": f"{found.ahead} requests are ahead" if found.ahead else "nothing is ahead of it",
    }
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f"<div class='message good' role='status'><dl class='facts'>{cells}</dl></div>"


def _measured(request: Request) -> dict[str, str]:
    first = request.configurations[0]
    about = first.parameters
    if first.name in TASKS:
        task = TASKS[first.name]
        few = about.options["few-shot"]
        where = "made from the corpus" if task.local else "a dataset on the Hub"
        return {
            "Task": f"{task.title}: {task.about}",
            "Questions": f"{about.n} in English, {few}-shot; {where}",
        }
    wanted = Wanted.of(request.configurations)
    beside = {
        "Scores": ", ".join(SCORES[name].title for name in wanted.scores[1:]),
        "Statistics": ", ".join(STATISTICS[name].title for name in wanted.statistics),
        "Noise": ", ".join(f"{NOISES[kind].title}, rate {rate:g}" for kind, rate in wanted.noises),
    }
    return {
        "Corpus": f"{about.corpus}, {about.n} segments a language, to {about.pivot}",
        "Embedding": ", ".join(EMBEDDINGS[name].title for name in wanted.embeddings),
        **{name: text for name, text in beside.items() if text},
        "Forward passes": f"about {passes(request.configurations):.1f} over the segments",
    }
