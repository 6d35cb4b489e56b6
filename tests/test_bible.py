"""The Bible subset as its dataset is laid out, read from a stand-in with made-up text."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hub_corpora import BIBLE, CANARY, READER, archive, bible, lines, sentences
from hub_server import Hub

from evaluators import corpora
from evaluators.corpora import CorpusError
from evaluators.corpora import bible as module

CODES = ("eng_Latn", "fra_Latn", "rus_Cyrl")


def load(cache: Path) -> corpora.Corpus:
    return corpora.load("bible", cache=cache, token=READER)


def verses(*codes: str, below: str = "") -> dict[str, bytes]:
    return {f"{below}{code}.txt": lines(sentences(code, 103)) for code in codes}


def left_out(found: corpora.Corpus) -> dict[str, str]:
    return {item.source: item.reason for item in found.left_out}


@pytest.mark.parametrize("below", ["", "103/", "data/103/"])
def test_the_archive_of_a_stand_in_is_read_whatever_folder_is_in_it(
    hub: Hub, tmp_path: Path, below: str
) -> None:
    repo = bible(hub, {"103.zip": archive(verses(*CODES, below=below)), "README.md": b"stand-in"})
    found = load(tmp_path)
    assert (found.name, found.n, found.text_public) == ("bible", 103, False)
    assert found.revision == repo.head.id and found.counted == {*CODES}
    for code in CODES:
        assert found.languages[code] == tuple(sentences(code, 103))
    assert hub.downloaded() == {"103.zip"} and not found.left_out


@pytest.mark.parametrize("below", ["103/", ""])
def test_a_folder_of_files_does_as_well(hub: Hub, tmp_path: Path, below: str) -> None:
    bible(hub, {**verses(*CODES, below=below), "README.md": b"stand-in"})
    assert set(load(tmp_path).languages) == {*CODES}
    assert hub.downloaded() == {f"{below}{code}.txt" for code in CODES}


def test_nothing_of_the_archive_is_written_to_a_path(hub: Hub, tmp_path: Path) -> None:
    hostile = {
        "../escaped.txt": b"x\n",
        "/absolute.txt": b"x\n",
        "..\\fra_Latn.txt": b"x\n",
        "__MACOSX/103/._eng_Latn.txt": b"x\n",
        "__MACOSX/eng_Latn.txt": b"x\n",
        "103/readme.md": b"x",
    }
    bible(hub, {"103.zip": archive({**hostile, **verses(*CODES)})})
    found = load(tmp_path / "cache")
    assert set(found.languages) == {*CODES}
    assert {name: reason.split(":")[0] for name, reason in left_out(found).items()} == {
        "escaped.txt": "unknown code",
        "absolute.txt": "unknown code",
    }
    kept = [path for path in tmp_path.rglob("*.txt") if path.is_file()]
    assert kept == []


def test_files_of_a_stand_in_that_do_not_hold_are_left_out_without_a_word_of_their_text(
    hub: Hub, tmp_path: Path
) -> None:
    others = {
        "hau_Latn.txt": lines(sentences("hau_Latn", 97)),
        "ibo_Latn.txt": lines([*sentences("ibo_Latn", 102), " "]),
        "yor_Latn.txt": lines(sentences("yor_Latn", 103))[:40] + b"\xff\n",
        "zul_Latn.txt": CANARY.encode() * 200_000,
        "zho_Hani.txt": lines(f"权国个会{i}与为这应对{chr(0x4E00 + i)}" for i in range(103)),
        "jpn_Jpan.txt": b"\xef\xbb\xbf" + lines(f"{i}の{chr(0x4E00 + i)}です" for i in range(103)),
        "xho_Latn.txt": lines(sentences("xho_Latn", 103)).replace(b"\n", b"\r\n"),
    }
    bible(hub, {"103.zip": archive({**verses(*CODES), **others})})
    found = load(tmp_path)
    assert set(found.languages) == {*CODES, "cmn_Hans", "jpn_Jpan", "xho_Latn"}
    assert found.languages["xho_Latn"] == tuple(sentences("xho_Latn", 103))
    assert found.languages["jpn_Jpan"][0] == "0の一です"
    assert left_out(found) == {
        "hau_Latn.txt": "another number of segments: 97 for 103",
        "ibo_Latn.txt": "an empty segment: 103",
        "yor_Latn.txt": "cannot be read: not UTF-8 at byte 40",
        "zul_Latn.txt": "cannot be read: larger than 1024 KB",
    }
    assert CANARY not in corpora.describe(found)


def test_archives_that_are_too_large_or_none_are_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = bible(hub, {"103.zip": b"PK no archive"})
    with pytest.raises(CorpusError, match=r"103\.zip is no zip archive"):
        load(tmp_path)
    repo.commit({"103.zip": archive(verses(*CODES))})
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(CorpusError, match=r"holds 3 files of \d+ bytes, more than it should"):
        load(tmp_path)
    monkeypatch.setattr(module, "MOST_FILES", 3)
    monkeypatch.setattr(module, "MOST_ALTOGETHER", 1000)
    with pytest.raises(CorpusError, match="more than it should"):
        load(tmp_path)


def test_a_member_that_is_damaged_or_encrypted_is_left_out(hub: Hub, tmp_path: Path) -> None:
    packed = bytearray(archive(verses("fra_Latn", "rus_Cyrl", "eng_Latn")))
    start = packed.index(b"fra_Latn.txt") + len("fra_Latn.txt") + 40
    packed[start : start + 20] = bytes(20)
    entry = packed.rindex(b"rus_Cyrl.txt") - 46
    flags = struct.unpack_from("<H", packed, entry + 8)[0]
    struct.pack_into("<H", packed, entry + 8, flags | 1)
    bible(hub, {"103.zip": bytes(packed)})
    found = load(tmp_path)
    assert list(found.languages) == ["eng_Latn"]
    assert set(left_out(found)) == {"fra_Latn.txt", "rus_Cyrl.txt"}
    assert left_out(found)["rus_Cyrl.txt"] == "cannot be read: RuntimeError"
    assert left_out(found)["fra_Latn.txt"].startswith("cannot be read: ")


def test_a_gated_stand_in_names_its_page(hub: Hub, tmp_path: Path) -> None:
    bible(hub, {"103.zip": archive(verses(*CODES))})
    with pytest.raises(CorpusError, match=f"corpus bible is gated: .*/datasets/{BIBLE}$"):
        corpora.load("bible", cache=tmp_path)
