"""The Hub that other tests talk to, as the real client sees it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hub_client import ID, client, other, read, status, write
from huggingface_hub import get_session, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


@pytest.fixture
def api(hub):
    return client(hub)


@pytest.fixture
def repo(hub, api):
    return hub.create(ID)


def test_who(api):
    assert api.whoami()["name"] == "org"
    assert api.whoami()["auth"]["accessToken"]["role"] == "write"
    assert status(other(api, "hf_other").whoami) == 401


def test_a_repo_is_created_once(hub, api):
    url = api.create_repo(ID, repo_type="dataset", private=True)
    assert (url.repo_id, url.repo_type, hub.datasets[ID].private) == (ID, "dataset", True)
    assert status(api.create_repo, ID, repo_type="dataset") == 409
    assert api.create_repo(ID, repo_type="dataset", exist_ok=True).repo_id == ID
    assert status(other(api, "hf_read").create_repo, "org/x", repo_type="dataset") == 403
    assert api.repo_info(ID, repo_type="dataset").sha == hub.datasets[ID].head.id
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("org/nosuch", repo_type="dataset")


def test_commits_are_chained_and_every_one_can_be_read(api, repo):
    first = write(api, {"a.json": b"1", "in/b.json": b"2", "in/deep/c.json": b"3"})
    second = write(api, {"a.json": b"11", "in/deep/": None}, "second")
    assert repo.head.parent == first
    assert api.repo_info(ID, repo_type="dataset").sha == second
    assert api.repo_info(ID, repo_type="dataset", revision=first).sha == first
    old = {e.path: e for e in api.list_repo_tree(ID, repo_type="dataset", revision=first)}
    assert set(old) == {".gitattributes", "a.json", "in"}
    tree = api.list_repo_tree(ID, repo_type="dataset", revision=first, recursive=True)
    every = {entry.path: entry for entry in tree}
    assert set(every) == {*old, "in/b.json", "in/deep", "in/deep/c.json"}
    assert (every["a.json"].size, every["a.json"].blob_id) == (
        1,
        "56a6051ca2b02b04ef92d5150c9ef600403cb1de",  # printf 1 | git hash-object --stdin
    )
    below = api.list_repo_tree(ID, "in", repo_type="dataset", revision=first)
    assert [entry.path for entry in below] == ["in/b.json", "in/deep"]
    new = {e.path: e for e in api.list_repo_tree(ID, repo_type="dataset", recursive=True)}
    assert set(new) == {".gitattributes", "a.json", "in", "in/b.json"}
    assert new["in"].tree_id != old["in"].tree_id
    assert [read(api, "a.json", sha).content for sha in (first, second)] == [b"1", b"11"]
    with pytest.raises(RevisionNotFoundError):
        api.repo_info(ID, repo_type="dataset", revision="0" * 40)


def test_a_snapshot_and_a_part_of_a_file(hub, api, repo, tmp_path):
    sha = write(api, {"a.json": b"0123456789"})
    options = {"repo_type": "dataset", "cache_dir": tmp_path, "endpoint": hub.address}
    folder = snapshot_download(ID, **options)
    assert folder.endswith(sha)
    assert (tmp_path.glob("**/snapshots/*/a.json").__next__()).read_bytes() == b"0123456789"
    url = f"{hub.address}/datasets/{ID}/resolve/main/a.json"
    head = get_session().head(url)
    assert head.headers["X-Repo-Commit"] == sha
    assert head.headers["ETag"] == f'"{repo.head.files["a.json"].oid}"'
    for asked, part in (("2-4", b"234"), ("7-", b"789"), ("-2", b"89")):
        answer = get_session().get(url, headers={"Range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, part)
    assert get_session().get(url, headers={"Range": "bytes=10-"}).status_code == 416
    assert read(api, "nosuch").headers["X-Error-Code"] == "EntryNotFound"


def test_a_stale_parent_is_refused_and_nothing_is_written(api, repo):
    parent = repo.head.id
    write(api, {"a": b"1"}, parent_commit=parent)
    assert status(write, api, {"a": b"2", "b": b"2"}, parent_commit=parent) == 412
    assert (repo.files()["a"], "b" in repo.files(), len(repo.made)) == (b"1", False, 1)


def test_a_commit_is_whole_or_not_at_all(api, repo):
    with pytest.raises(EntryNotFoundError, match="A file with this name doesn't exist"):
        write(api, {"a": b"1", "nosuch": None})
    assert "a" not in repo.files()


def test_a_file_that_does_not_change_makes_no_commit(api, repo):
    sha = write(api, {"a": b"1"})
    assert write(api, {"a": b"1"}) == sha
    assert len(repo.made) == 1


def test_two_writers_with_compare_and_swap_lose_nothing(api, repo):
    def add(n):
        while True:
            parent = api.repo_info(ID, repo_type="dataset").sha
            old = read(api, "all", parent)
            text = old.content if old.status_code == 200 else b""
            try:
                return write(api, {"all": text + b"%d\n" % n}, parent_commit=parent)
            except HfHubHTTPError as error:
                assert error.response.status_code == 412

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    assert sorted(map(int, repo.files()["all"].split())) == list(range(12))


def test_history_newest_first_over_pages_then_squashed(api, repo):
    shas = [repo.commit({"a": b"%d" % n}, f"edit {n}", "why") for n in range(60)]
    listed = api.list_repo_commits(ID, repo_type="dataset")
    assert [entry.commit_id for entry in listed[:60]] == shas[::-1]
    assert (listed[0].title, listed[0].message, listed[-1].title) == (
        "edit 59",
        "why",
        "initial commit",
    )
    assert listed[0].created_at >= listed[-1].created_at
    assert len(api.list_repo_commits(ID, repo_type="dataset", revision=shas[0])) == 2
    api.super_squash_history(ID, repo_type="dataset", commit_message="one")
    assert [entry.title for entry in api.list_repo_commits(ID, repo_type="dataset")] == ["one"]
    assert read(api, "a").content == b"59"
    assert read(api, "a", shas[3]).status_code == 404


def test_a_large_tree_comes_in_pages(api, repo):
    repo.commit({f"in/{n}": b"%d" % n for n in range(2100)})
    assert len(list(api.list_repo_tree(ID, "in", repo_type="dataset", recursive=True))) == 2100


def test_a_card_with_broken_yaml_is_refused(api, repo):
    with pytest.raises(ValueError, match="invalid YAML"):
        write(api, {"README.md": b"---\nconfigs: [\n---\n"})
    with pytest.warns(UserWarning, match="empty or missing yaml"):
        write(api, {"README.md": b"no front matter"})


def test_a_space_with_its_code_and_settings(hub, api, tmp_path):
    id = "org/board"
    api.create_repo(id, repo_type="space", space_sdk="gradio", space_variables=[])
    (tmp_path / "app.py").write_text("pass")
    sha = api.upload_folder(repo_id=id, folder_path=tmp_path, repo_type="space").oid
    api.add_space_variable(id, "MEXA_REPO", "org/board")
    api.add_space_secret(id, "MEXA_TOKEN", "hf_canary")
    assert api.get_space_variables(id)["MEXA_REPO"].value == "org/board"
    assert set(api.get_space_secrets(id)) == {"MEXA_TOKEN"}
    assert hub.spaces[id].secrets == {"MEXA_TOKEN": "hf_canary"}
    assert api.delete_space_variable(id, "MEXA_REPO") == {}
    assert api.request_space_hardware(id, "t4-small").requested_hardware == "t4-small"
    info = api.space_info(id)
    assert (info.sha, info.sdk, info.runtime.hardware) == (sha, "gradio", "t4-small")
    assert hub.spaces[id].files()["app.py"] == b"pass"


def test_who_may_read_and_write(hub, api, repo):
    anonymous, reader = other(api, False), other(api, "hf_read")
    hub.tokens["hf_fine"] = {"name": "job", "role": "write", "repos": [ID]}
    assert anonymous.repo_info(ID, repo_type="dataset").sha == repo.head.id
    assert status(write, anonymous, {"a": b"1"}) == 401
    assert status(write, reader, {"a": b"1"}) == 403
    assert write(other(api, "hf_fine"), {"a": b"1"})
    hub.create("org/else")
    options = {"repo_type": "dataset", "write": True}
    assert status(other(api, "hf_fine").auth_check, "org/else", **options) == 403
    api.auth_check("org/else", **options)
    repo.private = True
    reader.auth_check(ID, repo_type="dataset")
    with pytest.raises(RepositoryNotFoundError):
        anonymous.auth_check(ID, repo_type="dataset")


def test_a_gated_model_opens_to_whom_it_is_granted(hub, api, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    hub.add("org/gated", tmp_path, gated="manual", granted={"reader"})
    with pytest.raises(GatedRepoError):
        api.auth_check("org/gated")
    reader = other(api, "hf_read")
    reader.auth_check("org/gated")
    assert reader.hf_hub_download("org/gated", "config.json")


def test_a_renamed_dataset(hub, api, repo):
    hub.rename(ID, "new/name", "dataset")
    assert api.repo_info(ID, repo_type="dataset").id == "new/name"
    assert write(api, {"a": b"1"}) == repo.head.id


def test_thirty_clients_at_once_over_kept_connections(hub, api, repo):
    repo.commit({"a": b"1"})

    def ask(n):
        start = time.perf_counter()
        assert api.repo_info(ID, repo_type="dataset").sha == repo.head.id
        assert read(api, "a").content == b"1"
        return (time.perf_counter() - start) / 2

    with ThreadPoolExecutor(30) as pool:
        seconds = list(pool.map(ask, range(300)))
    assert len(seconds) == 300
    assert hub.requests[-1][0] == "GET"
