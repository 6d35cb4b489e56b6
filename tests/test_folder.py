from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import corpora
from evaluators.corpora import Corpus, CorpusError, folder

ENGLISH = ["One.", "Two words.", "Three words here.", "And now four words."]
FRENCH = ["Un.", "Deux mots.", "Trois mots ici.", "Et voici quatre mots."]


def write(path: Path, name: str, lines: list[str], encoding: str = "utf-8") -> None:
    (path / name).write_bytes("".join(line + "\n" for line in lines).encode(encoding))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "My corpus"
    path.mkdir()
    write(path, "eng_Latn.txt", ENGLISH)
    write(path, "fra_Latn.txt", FRENCH)
    return path


def load(path: Path) -> Corpus:
    return corpora.load(str(path), cache=path)


def test_a_folder_of_the_published_form(good: Path) -> None:
    write(good, "zho_Hans.txt", ["一。", "两个词。", "这里三个词。", "现在是四个词。"])
    (good / "README.md").write_text("not a language")
    corpus = load(good)
    assert list(corpus.languages) == ["eng_Latn", "cmn_Hans", "fra_Latn"]
    assert corpus.languages["fra_Latn"] == tuple(FRENCH)
    assert (corpus.name, corpus.n, corpus.text_public) == ("my-corpus", 4, False)
    assert corpus.warnings == corpus.left_out == ()
    assert corpus.counted == {"eng_Latn", "cmn_Hans", "fra_Latn"}


def test_hash_is_of_the_content_alone(good: Path, tmp_path: Path) -> None:
    first = load(good).hash
    moved = good.rename(tmp_path / "elsewhere")
    (moved / "fra_Latn.txt").rename(moved / "fr.txt")
    assert load(moved).hash == first
    write(moved, "fr.txt", [*FRENCH[:-1], "Et voici quatre mots !"])
    assert load(moved).hash != first


def test_line_ends_and_blanks_around_do_not_matter(good: Path) -> None:
    first = load(good).hash
    (good / "fra_Latn.txt").write_bytes("\r\n".join(f" {line}\t" for line in FRENCH).encode())
    assert load(good).hash == first


def test_another_pivot(good: Path) -> None:
    assert list(folder.load(good, "fr").languages) == ["fra_Latn", "eng_Latn"]


def test_one_code_an_iso_code_counts(good: Path) -> None:
    for name in ("srp_Cyrl", "srp_Latn", "fra_Latn_x", "pov_Latn_a", "pov_Latn_b"):
        write(good, f"{name}.txt", FRENCH)
    assert load(good).counted == {"eng_Latn", "fra_Latn", "srp_Cyrl", "pov_Latn_a"}


def test_a_folder_cannot_pass_for_a_named_corpus(tmp_path: Path) -> None:
    path = tmp_path / "UDHR"
    path.mkdir()
    write(path, "eng_Latn.txt", ENGLISH)
    assert load(path).name == "folder-udhr"


@pytest.mark.parametrize("name", ["123", "ÄÖ", "---", "x" * 90, "a.b c", "数据"])
def test_names_fit_a_record(tmp_path: Path, name: str) -> None:
    import re

    assert re.fullmatch(r"[a-z][a-z0-9-]{0,39}", folder.corpus_name(tmp_path / name))


def fails(path: Path, *patterns: str) -> None:
    with pytest.raises(CorpusError) as error:
        load(path)
    for pattern in patterns:
        assert pattern in str(error.value)


def test_no_such_folder(tmp_path: Path) -> None:
    fails(tmp_path / "none", "neither a corpus (udhr", "nor a folder")


def test_no_text_files(tmp_path: Path) -> None:
    (tmp_path / "eng_Latn.csv").write_text("a")
    fails(tmp_path, "no .txt file", "eng_Latn.txt")


def test_different_line_counts(good: Path) -> None:
    write(good, "fra_Latn.txt", FRENCH[:-1])
    fails(good, "fra_Latn.txt: 3 lines where eng_Latn.txt has 4")


def test_empty_lines(good: Path) -> None:
    write(good, "fra_Latn.txt", [FRENCH[0], " \t", *FRENCH[2:]])
    fails(good, "fra_Latn.txt: line 2: empty")


def test_empty_file(good: Path) -> None:
    write(good, "fra_Latn.txt", [])
    fails(good, "fra_Latn.txt: 0 lines where eng_Latn.txt has 4")


def test_missing_pivot(good: Path) -> None:
    (good / "eng_Latn.txt").unlink()
    fails(good, "the pivot's file eng_Latn.txt is missing")


def test_unknown_pivot(good: Path) -> None:
    with pytest.raises(CorpusError, match="pivot 'nowhere'"):
        folder.load(good, "nowhere")


def test_wrong_encoding_says_where(good: Path) -> None:
    write(good, "fra_Latn.txt", [*FRENCH[:3], "À la fin."], encoding="latin-1")
    fails(good, "fra_Latn.txt: line 4: not UTF-8 (byte 0xc0 at offset 31)")


def test_byte_order_mark(good: Path) -> None:
    write(good, "fra_Latn.txt", FRENCH, encoding="utf-8-sig")
    fails(good, "fra_Latn.txt: line 1: starts with a byte order mark")


def test_unknown_language_code(good: Path) -> None:
    write(good, "freanch.txt", FRENCH)
    fails(good, "freanch.txt: unknown language code", "fra_Latn (French)")


def test_two_files_for_one_language(good: Path) -> None:
    write(good, "fr.txt", FRENCH)
    fails(good, "fra_Latn.txt: the same language as fr.txt, fra_Latn")


def test_too_few_segments(good: Path) -> None:
    write(good, "eng_Latn.txt", ENGLISH[:1])
    write(good, "fra_Latn.txt", FRENCH[:1])
    fails(good, "1 segments; at least 2 needed")


def test_a_shifted_file_is_a_warning(good: Path) -> None:
    write(good, "deu_Latn.txt", ["Und jetzt vier Wörter, oder mehr.", "Eins.", "Zwei Wö.", "Drei."])
    (warning,) = load(good).warnings
    assert warning.startswith("deu_Latn.txt: segment lengths follow the pivot's")
    assert "warning: deu_Latn.txt" in corpora.describe(load(good))


def test_every_problem_is_named_at_once_up_to_twenty(good: Path) -> None:
    write(good, "fra_Latn.txt", ["x", "", ""])
    write(good, "zzzz.txt", FRENCH)
    fails(good, "line 2: empty", "line 3: empty", "3 lines where", "zzzz.txt: unknown")
    write(good, "fra_Latn.txt", [""] * 30)
    fails(good, "line 19: empty", "more")
    with pytest.raises(CorpusError) as error:
        load(good)
    assert len(str(error.value).splitlines()) == 21


def test_control_characters_in_a_file_name_are_not_printed(good: Path) -> None:
    (good / "x\x1b[31m\n.txt").write_text("a")
    with pytest.raises(CorpusError) as error:
        load(good)
    assert "\x1b" not in str(error.value)


@given(
    files=st.dictionaries(
        st.sampled_from(["eng_Latn", "fra_Latn", "sw", "swa", "zzzz", "a b", "ÿ", "arb_Arab_x"]),
        st.binary(max_size=80)
        | st.lists(st.text(max_size=9), max_size=4).map(
            lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")
        ),
        max_size=5,
    )
)
def test_arbitrary_bytes_raise_nothing_but_corpus_errors(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        for stem, data in files.items():
            (path / f"{stem}.txt").write_bytes(data)
        try:
            corpus = load(path)
        except CorpusError as error:
            assert str(error)
            return
    assert next(iter(corpus.languages)) == "eng_Latn"
    assert corpus.n >= 2
    assert all(
        len(segments) == corpus.n and all(segments) for segments in corpus.languages.values()
    )
    corpora.describe(corpus)
