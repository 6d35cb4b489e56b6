"""What is left of a corpus and what was left out, as text and as a card in a results repo."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

from evaluators.corpora.corpus import Corpus
from results import corpora
from results.corpora import Card, CardLanguage, CardLeftOut
from results.languages import resolve
from results.schema import SCHEMA_VERSION

SHOWN_SCRIPTS = 8


def describe(corpus: Corpus) -> str:
    """A few lines: languages, scripts, families; then each reason with the texts it left out."""
    found = [resolve(code) for code in corpus.languages]
    counted = [language for language in found if language.code in corpus.counted]
    scripts = Counter(language.script for language in found)
    families = {language.family for language in counted if language.family}
    shown = [f"{script} {count}" for script, count in scripts.most_common(SHOWN_SCRIPTS)]
    if len(scripts) > SHOWN_SCRIPTS:
        shown.append(f"{len(scripts) - SHOWN_SCRIPTS} more")
    lines = [
        f"{corpus.name}: {corpus.n} segments, {len(counted)} languages"
        f" and {len(found) - len(counted)} variants, {len(families)} families",
        f"hash {corpus.hash}",
        f"licence {corpus.licence}",
        "scripts: " + ", ".join(shown),
    ]
    if corpus.revision:
        lines.append(f"commit {corpus.revision}")
    lines += [f"warning: {warning}" for warning in corpus.warnings]
    if corpus.left_out:
        lines.append(f"left out: {len(corpus.left_out)}")
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for item in corpus.left_out:
        detail = item.reason.partition(": ")[2]
        by_rule[item.rule].append(f"{item.source} ({detail})" if detail else item.source)
    for rule, texts in sorted(by_rule.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        lines.append(f"  {rule} [{len(texts)}]: " + "; ".join(texts))
    return "\n".join(lines)


def write_card(corpus: Corpus, repo: Path) -> Path:
    """Write the corpus's card into a results repo: everything but the segments."""
    card = Card(
        schema_version=SCHEMA_VERSION,
        name=corpus.name,
        split=corpus.split,
        hash=corpus.hash,
        n=corpus.n,
        licence=corpus.licence,
        text_public=corpus.text_public,
        languages=[
            CardLanguage(code=code, counted=code in corpus.counted) for code in corpus.languages
        ],
        left_out=[
            CardLeftOut(code=item.code, source=item.source, reason=item.reason)
            for item in corpus.left_out
        ],
        warnings=list(corpus.warnings),
        created=datetime.now(UTC).replace(microsecond=0),
        revision=corpus.revision,
    )
    return corpora.write_card(card, repo)
