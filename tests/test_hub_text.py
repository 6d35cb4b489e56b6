"""Corpora of the Hub: found, refused, kept, pinned; shown nowhere. All text is made up."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hub_corpora import CANARY, FLORES, READER, STRANGER, flores, json_lines, rows, sentences
from hub_server import Hub
from typer.testing import CliRunner

from evaluators import corpora, exits
from evaluators.__main__ import _prepare, app
from evaluators.corpora import Corpus, CorpusError, store
from evaluators.corpora.hub_text import HubSilent
from results.corpora import GATED, cards, find_card
from results.settings import Settings, settings

CODES = ("eng_Latn", "fra_Latn", "swh_Latn", "arb_Arab")


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEXA_READ_TOKEN", raising=False)
    settings.cache_clear()


def load(cache: Path, token: str | None = READER, **more: object) -> Corpus:
    return corpora.load("flores-plus", cache=cache, token=token, **more)


def asked(hub: Hub) -> list[str]:
    """What was asked about the dataset since the last call."""
    paths = [path for _, path, _ in hub.requests if FLORES in path]
    hub.requests.clear()
    return paths


def test_a_stand_in_dataset_is_read_at_its_commit_and_kept(hub: Hub, tmp_path: Path) -> None:
    repo = flores(hub, CODES)
    found = load(tmp_path)
    assert list(found.languages) == ["eng_Latn", "arb_Arab", "fra_Latn", "swh_Latn"]
    assert (found.name, found.n, found.split) == ("flores-plus", 100, None)
    assert found.revision == repo.head.id
    assert found.counted == set(CODES) and not found.left_out and not found.warnings
    assert found.text_public is False
    assert hub.downloaded() == {f"devtest/{code}.jsonl" for code in CODES}
    asked(hub)
    assert load(tmp_path) == found
    assert len(asked(hub)) == 1, "only what the newest commit is"
    assert load(tmp_path / "other") != [] and asked(hub)


def test_a_known_commit_is_taken_from_the_cache_without_a_question(
    hub: Hub, tmp_path: Path
) -> None:
    repo = flores(hub, CODES)
    found = load(tmp_path)
    card = corpora.write_card(found, tmp_path / "board")
    assert find_card(tmp_path / "board", found.name, found.hash).revision == repo.head.id
    asked(hub)
    pinned = {"published": card.parent.parent, "expected": found.hash}
    assert load(tmp_path, token=None, **pinned) == found
    assert asked(hub) == []


def test_a_boards_card_says_which_commit_its_jobs_read(hub: Hub, tmp_path: Path) -> None:
    repo = flores(hub, CODES)
    first = load(tmp_path / "a")
    corpora.write_card(first, tmp_path / "board")
    repo.commit(
        {"devtest/fra_Latn.jsonl": json_lines(rows("fra_Latn", sentences("fra_Latn", 104, "new")))}
    )
    newer = load(tmp_path / "b")
    assert newer.hash != first.hash and newer.revision == repo.head.id
    pinned = {"published": tmp_path / "board", "expected": first.hash}
    assert load(tmp_path / "c", **pinned) == first


def test_the_hash_follows_from_text_and_commit(hub: Hub, tmp_path: Path) -> None:
    repo = flores(hub, CODES)
    first = load(tmp_path)
    repo.commit({"README.md": b"another commit with the same sentences"})
    same_text = load(tmp_path)
    repo.commit(
        {"devtest/fra_Latn.jsonl": json_lines(rows("fra_Latn", sentences("fra_Latn", 104, "x")))}
    )
    other_text = load(tmp_path)
    assert first.languages == same_text.languages != other_text.languages
    assert len({first.hash, same_text.hash, other_text.hash}) == 3
    again = flores(hub, CODES, "other")
    assert again.head.id != repo.head.id


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (
            None,
            r"is gated: accept the terms of the dataset openlanguagedata/flores_plus on the Hub, "
            r"then set MEXA_READ_TOKEN .*: http://127\.0\.0\.1:\d+/datasets/openlanguagedata/flores_plus$",
        ),
        (
            STRANGER,
            f"is gated: the account of this read token may not read {FLORES}; accept its terms",
        ),
        (
            "hf_unknown",
            "is gated: the Hub does not accept this token; set MEXA_READ_TOKEN to a valid",
        ),
    ],
    ids=["no token", "terms not accepted", "invalid token"],
)
def test_a_stand_in_that_is_gated_says_what_to_do(
    hub: Hub, tmp_path: Path, token: str | None, said: str
) -> None:
    flores(hub, CODES)
    with pytest.raises(CorpusError, match=said) as refused:
        load(tmp_path, token)
    assert exits.kind(refused.value) == "gated"
    assert len(str(refused.value)) < 300 and str(token) not in str(refused.value)
    assert not list(tmp_path.rglob("*.parquet"))


def test_no_such_dataset_and_no_such_commit(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no dataset at http"):
        load(tmp_path)
    flores(hub, CODES)
    found = load(tmp_path)
    corpora.write_card(found, tmp_path / "board")
    hub.datasets[FLORES].squash("history forgotten", "owner")
    pinned = {"published": tmp_path / "board", "expected": found.hash}
    with pytest.raises(CorpusError, match=f"has no commit {found.revision} any more; write a new"):
        load(tmp_path / "elsewhere", **pinned)


def test_offline_the_last_build_is_taken_or_it_is_to_be_tried_again(
    hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flores(hub, CODES)
    found = load(tmp_path)
    hub.down()
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path) == found
    assert f"the build of commit {found.revision} is taken" in caplog.text
    with pytest.raises(HubSilent, match=r"^the Hub cannot be reached ") as silent:
        load(tmp_path / "empty")
    assert exits.kind(silent.value) == "hub unreachable"
    hub.up()


def test_the_client_set_to_offline_is_the_same(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubSilent, match=r"cannot be reached \(OfflineModeIsEnabled\)"):
        load(tmp_path)


def test_a_download_that_breaks_off_builds_nothing(hub: Hub, tmp_path: Path) -> None:
    flores(hub, CODES)
    hub.fail(404, "/resolve/", code="EntryNotFound", times=1)
    with pytest.raises(CorpusError):
        load(tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))
    assert load(tmp_path).n == 100


def test_the_cached_text_is_for_this_user_alone_and_a_damaged_one_is_built_again(
    hub: Hub, tmp_path: Path
) -> None:
    flores(hub, CODES)
    found = load(tmp_path)
    (path,) = tmp_path.rglob("*.parquet")
    assert path.name == f"flores-plus-{found.hash[:12]}.parquet"
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(path.read_bytes()[:-500])
    assert load(tmp_path) == found
    assert store.read(path) == found


def test_what_cannot_be_used_is_left_out_with_the_reason(hub: Hub, tmp_path: Path) -> None:
    near = sentences("fra_Latn", 104)
    near[5] = f"{CANARY} another sentence"
    placeholders = [*sentences("hau_Latn", 100), "&1", "@", "&2", "?"]
    flores(
        hub,
        CODES,
        **{
            "devtest/tlh_Latn.jsonl": json_lines(rows("tlh_Latn", sentences("tlh_Latn", 104))),
            "devtest/qqq_Latn.jsonl": json_lines(rows("qqq_Latn", sentences("qqq_Latn", 104))),
            "devtest/oci_Latn.jsonl": json_lines(rows("oci_Latn", near)),
            "devtest/hau_Latn.jsonl": json_lines(rows("hau_Latn", placeholders[::-1])),
            "devtest/zul_Latn.jsonl": json_lines(rows("zul_Latn", [f"{CANARY} same"] * 104)),
            "devtest/xho_Latn.jsonl": json_lines(
                rows("xho_Latn", ["", *sentences("xho_Latn", 103)])
            ),
        },
    )
    found = load(tmp_path)
    reasons = {item.source.split("/")[1].split(".")[0]: item.reason for item in found.left_out}
    assert reasons.pop("qqq_Latn").startswith("unknown code: 'qqq_Latn'")
    assert reasons == {
        "oci_Latn": "over 90 % equal to another text: 99.4% of words equal to fra_Latn",
        "hau_Latn": "a segment without a letter: 4 of 100",
        "zul_Latn": "fewer than 98 distinct segments: 1",
        "xho_Latn": "an empty segment: 1",
    }
    assert set(found.languages) == {*CODES, "tlh_Latn"}
    assert CANARY not in corpora.describe(found) and CANARY not in str(found.left_out)


def test_odd_lengths_are_a_warning(hub: Hub, tmp_path: Path) -> None:
    odd = sentences("fra_Latn", 104)
    odd[0], odd[40], odd[99] = (" ".join([text] * 6) for text in (odd[0], odd[40], odd[99]))
    flores(hub, CODES, **{"devtest/fra_Latn.jsonl": json_lines(rows("fra_Latn", odd))})
    found = load(tmp_path)
    assert "fra_Latn" in found.languages
    assert found.warnings == (
        "fra_Latn: 3 segments are too long or too short for translations (1, 41, 100); they may "
        "be misaligned",
    )


def test_without_sound_english_there_is_no_corpus(hub: Hub, tmp_path: Path) -> None:
    flores(hub, CODES, **{"devtest/eng_Latn.jsonl": json_lines(rows("eng_Latn", ["a"] * 104))})
    with pytest.raises(
        CorpusError, match=r"no sound eng_Latn .*fewer than 98 distinct segments: 1"
    ):
        load(tmp_path)


def test_publishing_a_stand_in_writes_its_card_and_no_text(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = flores(hub, CODES)
    monkeypatch.setenv("MEXA_CACHE", str(tmp_path / "cache"))
    words = ["corpus", "flores-plus", "--publish", str(tmp_path / "repo")]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1 and "set MEXA_READ_TOKEN" in refused.output
    monkeypatch.setenv("MEXA_READ_TOKEN", READER)
    settings.cache_clear()
    done = CliRunner().invoke(app, words)
    settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert "its text is not published" in done.output and f"commit {repo.head.id}" in done.output
    (card,) = cards(tmp_path / "repo")
    assert (card.name, card.n, card.text_public, card.revision) == (
        "flores-plus",
        100,
        False,
        repo.head.id,
    )
    written = [path for path in (tmp_path / "repo").rglob("*") if path.is_file()]
    assert [path.suffix for path in written] == [".json"]
    assert CANARY not in written[0].read_text() + done.output + refused.output


def test_a_local_board_gets_the_card_of_its_corpus_from_its_worker(
    hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flores(hub, CODES)
    board = Settings(board=tmp_path / "b", cache=tmp_path / "c", corpus="flores-plus")
    _prepare(board)
    assert cards(board.board) == [] and "is gated" in caplog.text
    _prepare(board.model_copy(update={"read_token": Settings(read_token=READER).read_token}))
    (card,) = cards(board.board)
    assert card.name == "flores-plus" and {each.code for each in card.languages} == set(CODES)


def test_every_registered_corpus_can_be_a_boards_and_gated_ones_are_registered() -> None:
    for name in corpora.REGISTRY:
        assert Settings(corpus=name).corpus == name
    assert corpora.REGISTRY.keys() >= GATED
