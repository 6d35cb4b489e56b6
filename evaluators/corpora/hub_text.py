"""A corpus whose text lies in a dataset on the Hub: one commit of it, fetched, checked and kept.

Such text belongs to others. It is read here to be measured, and shown or passed on nowhere.
"""

from __future__ import annotations

import glob
import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from huggingface_hub import DatasetInfo, HfApi, get_token, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from evaluators.corpora import folder as folders
from evaluators.corpora import soundness, store
from evaluators.corpora.corpus import PIVOT, Corpus, CorpusError, LeftOut, content_hash, in_order
from results.hub import NO_ANSWER
from results.languages import UnknownLanguage, canonical_script, resolve

log = logging.getLogger(__name__)
TIMEOUT = 60.0
"""Seconds that the Hub has to say what a dataset holds."""
MODULES = ("hub_text", "folder", "soundness", "scripts", "corpus")


class HubSilent(CorpusError):
    """Raised when the Hub does not answer."""


@dataclass(frozen=True)
class Text:
    """A file of the dataset. code: as the dataset writes it; reason: why it cannot be used."""

    source: str
    code: str
    segments: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class HubText:
    """A corpus in the dataset `repo`, `n` segments a language.

    form: the files that are looked for, for a person; choose: which of a dataset's files are
    fetched; read: the texts in the files, by their names in the dataset.
    """

    name: str
    repo: str
    n: int
    licence: str
    form: str
    choose: Callable[[Sequence[str]], list[str]]
    read: Callable[[Mapping[str, Path]], Iterable[Text]]
    module: str

    def load(self, cache: Path, revision: str | None = None, token: str | None = None) -> Corpus:
        """The corpus at a commit, the newest when none is given; built once for each.

        token: the Hub token to read with; that of the environment or of `hf auth login` when none
        is given. While the Hub does not answer, the newest commit is the last one built here.

        Raises CorpusError, which says what to do: terms not accepted, no token, no such dataset
        or commit, no answer, or files that are not what they should be.
        """
        folder = cache / "corpora"
        try:
            if revision and (found := store.kept(folder, self.name, self.builder(revision))):
                return found
            try:
                info = self._look(revision, token)
            except HubSilent as silent:
                last = None if revision else self._last(folder)
                if last is None:
                    raise
                log.warning("%s; the build of commit %s is taken", silent, last.revision)
                return last
            commit = info.sha or ""
            builder = self.builder(commit)
            if found := store.kept(folder, self.name, builder):
                return found
            corpus = self.build(commit, self.read(self._fetch(info, token)))
            store.write(corpus, folder, self.name, builder)
        except OSError as error:
            raise CorpusError(
                f"corpus {self.name}: the cache {cache} cannot be used ({error})"
            ) from error
        return corpus

    def builder(self, commit: str) -> str:
        """Fingerprint of what decides the corpus: this code, the language table, the commit."""
        return store.fingerprint((*MODULES, self.module), commit)

    def build(self, commit: str, texts: Iterable[Text]) -> Corpus:
        """The corpus from the dataset's texts; what cannot be used is left out with the reason.

        The rules of `soundness` leave out unfinished texts and copies. Odd lengths are a warning:
        their limits come from one document, and these sentences are not paragraphs of one.
        """
        left_out: list[LeftOut] = []
        sound: dict[str, Text] = {}
        for text in sorted(texts, key=_own_name_first):
            code, reason = self._fault(text)
            if not reason and code in sound:
                reason = f"the same language as another file: {sound[code].source}"
            if reason:
                left_out.append(LeftOut(code, text.source, reason))
            else:
                sound[code] = text
        if PIVOT not in sound:
            why = [f"{item.source}: {item.reason}" for item in left_out if item.code == PIVOT]
            raise CorpusError(
                f"corpus {self.name}: no sound {PIVOT} in {self.repo} at {commit[:12]}"
                + (f" ({why[0]})" if why else "")
            )
        segments = {code: text.segments for code, text in sound.items()}
        for code, (other, share) in soundness.copies(segments, _rank).items():
            reason = f"over 90 % equal to another text: {share:.1%} of words equal to {other}"
            left_out.append(LeftOut(code, sound.pop(code).source, reason))
        languages = in_order({code: text.segments for code, text in sound.items()})
        return Corpus(
            name=self.name,
            split=None,
            hash=content_hash(languages, commit),
            languages=languages,
            n=self.n,
            text_public=False,
            licence=self.licence,
            counted=folders.counted(languages, PIVOT),
            warnings=tuple(_odd_lengths(languages)),
            left_out=tuple(sorted(left_out, key=lambda item: (item.rule, item.source))),
            sources={code: sound[code].source for code in languages},
            revision=commit,
        )

    def _fault(self, text: Text) -> tuple[str, str]:
        """The canonical code, and why the text cannot be used; empty when it can."""
        try:
            code = resolve(text.code).code
        except UnknownLanguage as error:
            return text.code, f"unknown code: {str(error).partition(';')[0]}"
        if text.reason:
            return code, text.reason
        if len(text.segments) != self.n:
            return code, f"another number of segments: {len(text.segments)} for {self.n}"
        empty = [str(i) for i, segment in enumerate(text.segments, 1) if not segment]
        if empty:
            return code, f"an empty segment: {', '.join(empty[:10])}"
        return code, soundness.unfinished(text.segments) or ""

    def _last(self, folder: Path) -> Corpus | None:
        """The newest build in the cache that this very code made."""
        for path in store.builds(folder, self.name):
            try:
                found = store.read(path)
            except CorpusError:
                continue
            if found.revision and store.builder_of(path) == self.builder(found.revision):
                return found
        return None

    def _look(self, revision: str | None, token: str | None) -> DatasetInfo:
        with self._asking(revision, token):
            return HfApi(token=token).dataset_info(self.repo, revision=revision, timeout=TIMEOUT)

    def _fetch(self, info: DatasetInfo, token: str | None) -> dict[str, Path]:
        names = self.choose([each.rfilename for each in info.siblings or []])
        if not names:
            raise CorpusError(f"corpus {self.name}: {self.repo} holds no {self.form}")
        with self._asking(info.sha, token):
            root = snapshot_download(
                self.repo,
                repo_type="dataset",
                revision=info.sha,
                token=token,
                allow_patterns=[glob.escape(name) for name in names],
            )
        found = {name: Path(root) / name for name in names}
        if missing := [name for name, path in found.items() if not path.is_file()]:
            # What the client gives when the Hub falls silent and an earlier download was cut off.
            raise HubSilent(self._silent(f"{len(missing)} files are missing"))
        return found

    def _silent(self, why: str) -> str:
        return (
            f"the Hub cannot be reached ({why}), and corpus {self.name} is not in the cache; "
            "try again when it answers"
        )

    @contextmanager
    def _asking(self, revision: str | None, token: str | None) -> Iterator[None]:
        """The Hub's refusals as sentences that say what to do. Raises CorpusError."""
        page = f"{HfApi().endpoint}/datasets/{self.repo}"
        # Public logs leave addresses out, so that the sentence has to do without its last part.
        closed = (
            f"corpus {self.name} is gated: the account of this read token may not read "
            f"{self.repo}; accept its terms on the Hub as that account, and let a fine-grained "
            f"token read public gated repositories: {page}"
            if token or get_token()
            else f"corpus {self.name} is gated: accept the terms of the dataset {self.repo} on "
            f"the Hub, then set MEXA_READ_TOKEN to a read token of that account: {page}"
        )
        try:
            yield
        except GatedRepoError:
            raise CorpusError(closed) from None
        except RevisionNotFoundError:
            raise CorpusError(
                f"corpus {self.name}: {self.repo} has no commit {revision} any more; write a new "
                f"card with “python -m evaluators corpus {self.name} --publish FOLDER”"
            ) from None
        except RepositoryNotFoundError:
            raise CorpusError(
                f"corpus {self.name}: there is no dataset at {page}, or this account may not see it"
            ) from None
        except NO_ANSWER as error:
            status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
            if status == 401:
                raise CorpusError(
                    f"corpus {self.name} is gated: the Hub does not accept this token; set "
                    "MEXA_READ_TOKEN to a valid one"
                ) from None
            if status == 403:
                raise CorpusError(closed) from None
            raise HubSilent(self._silent(type(error).__name__)) from None


def clean(segment: str) -> str:
    """A segment in NFC, without the blanks around it."""
    return unicodedata.normalize("NFC", segment).strip()


def unreadable(text: Text, why: str) -> Text:
    """The file without its segments. why: never with any of the text in it."""
    return replace(text, segments=(), reason=f"cannot be read: {why}")


def _own_name_first(text: Text) -> tuple[bool, str]:
    """Of two files of one language, the one that is named by the canonical code."""
    try:
        return resolve(text.code).code != text.code, text.source
    except UnknownLanguage:
        return True, text.source


def _rank(code: str) -> tuple[bool, bool, bool, str]:
    """Of two copies the pivot, the canonical script, the language without a variant is kept."""
    language = resolve(code)
    other_script = language.script != canonical_script(language.iso)
    return code != PIVOT, other_script, language.variant is not None, code


def _odd_lengths(languages: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for code, segments in languages.items():
        odd = soundness.length_outliers(segments, languages[PIVOT])
        if len(odd) > soundness.MAX_OUTLIERS:
            numbers = ", ".join(str(i + 1) for i in odd[:10])
            yield (
                f"{code}: {len(odd)} segments are too long or too short for translations "
                f"({numbers}); they may be misaligned"
            )
