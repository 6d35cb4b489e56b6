"""Which answer a path gets: who may ask, and what the models, repos and jobs say."""

from __future__ import annotations

import json
from threading import Thread
from typing import TYPE_CHECKING, Any

import yaml
from hub_answer import Answer, Refusal, as_file, as_json
from hub_http import Request
from hub_jobs import Job
from hub_models import DEFAULT_BRANCH, Served, blob, names, tree
from hub_repos import Repo, changes, listed

if TYPE_CHECKING:
    from hub_server import Hub

KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}
ACTIONS = ["revision", "tree", "commits", "preupload", "commit", "super-squash", "auth-check"]
SPACE_ACTIONS = ["variables", "secrets", "hardware", "runtime"]
TREE_PAGE, COMMITS_PAGE = 1000, 50
"""Entries a page, as on the Hub."""


def answer(hub: Hub, request: Request) -> Answer:
    """Raises Refusal."""
    user = _user(hub, request)
    match request.parts:
        case ["api", "whoami-v2"]:
            return _whoami(user)
        case ["api", "repos", "create"]:
            return _create(hub, request, user)
        case ["api", "validate-yaml"]:
            return _validate(request)
        case ["api", "jobs", namespace, *rest]:
            return _jobs(hub, request, user, namespace, rest)
        case ["api", kind, *rest] if kind in KINDS and rest:
            long = len(rest) == 2 or (len(rest) > 2 and rest[2] in ACTIONS + SPACE_ACTIONS)
            id, rest = "/".join(rest[: 1 + long]), rest[1 + long :]
            return _repo(hub, request, user, KINDS[kind], id, rest or ["revision", DEFAULT_BRANCH])
        case parts if "resolve" in parts[1:-2]:
            kind = KINDS.get(parts[0], "model")
            cut = parts.index("resolve", 1)
            id = "/".join(parts[kind != "model" : cut])
            return _repo(hub, request, user, kind, id, parts[cut:])
    raise Refusal(404, "Sorry, we can't find the page you are looking for.")


def _user(hub: Hub, request: Request) -> dict[str, Any] | None:
    """Who asks: None without a token, {} with any where the Hub knows no tokens at all."""
    if request.token is None:
        return None
    if hub.tokens and request.token not in hub.tokens:
        raise Refusal(401, "Invalid credentials in Authorization header")
    return hub.tokens.get(request.token, {})


def _writer(user: dict[str, Any] | None, id: str = "") -> str:
    """The user's name. Raises Refusal where the token may not write to that repo."""
    if not user:
        raise Refusal(401, "Invalid username or password.", "RepoNotFound" if id else None)
    if user["role"] != "write" or id not in ("", *user.get("repos", [id])):
        raise Refusal(403, "You do not have the required permissions: use a write token")
    return user["name"]


def _whoami(user: dict[str, Any] | None) -> Answer:
    if not user:
        raise Refusal(401, "Invalid username or password.")
    role = "fineGrained" if "repos" in user else user["role"]
    token = {"displayName": user["name"], "role": role}
    auth = {"type": "access_token", "accessToken": token}
    about = {"id": user["name"], "name": user["name"], "fullname": user["name"]}
    about["avatarUrl"] = "/avatars/none.svg"
    return as_json({"type": "user", **about, "orgs": [], "auth": auth})


def _create(hub: Hub, request: Request, user: dict[str, Any] | None) -> Answer:
    asked = json.loads(request.body)
    name = _writer(user)
    kind = asked.get("type") or "model"
    if kind not in ("dataset", "space"):
        raise Refusal(400, f"this Hub does not create a {kind}")
    id = f"{asked['organization'] or name}/{asked['name']}"
    _writer(user, id)
    url = f"{hub.address}/{kind}s/{id}"
    with hub.lock:
        if id in hub.of(kind):
            said = f"You already created this {kind} repo: {id}"
            return as_json({"error": said, "url": url}, 409)
        private = asked.get("visibility") == "private"
        repo = hub.create(id, kind, private=private, sdk=asked.get("sdk"))
    repo.hardware, repo.sleep_time = asked.get("hardware"), asked.get("sleepTimeSeconds")
    for given, kept in (("variables", repo.variables), ("secrets", repo.secrets)):
        kept.update({item["key"]: item["value"] for item in asked.get(given, [])})
    return as_json({"url": url, "name": id})


def _validate(request: Request) -> Answer:
    asked = json.loads(request.body)
    _, mark, rest = asked["content"].partition("---\n")
    try:
        data = yaml.safe_load(rest.partition("\n---")[0]) if mark else None
    except yaml.YAMLError as error:
        return as_json({"errors": [{"message": f"invalid YAML: {error}"}], "warnings": []}, 400)
    empty = [] if data else [{"message": "empty or missing yaml metadata in repo card"}]
    return as_json({"errors": [], "warnings": empty})


def _repo(
    hub: Hub, request: Request, user: dict[str, Any] | None, kind: str, id: str, rest: list[str]
) -> Answer:
    if (kind, id) in hub.renamed:
        where = request.target.replace(id, hub.renamed[kind, id], 1)
        return Answer(307, headers={"Location": where})
    repo = hub.of(kind).get(id)
    if repo is None or (repo.private and user is None):
        status = 404 if user else 401
        raise Refusal(status, "Repository not found", "RepoNotFound")
    action, *more = rest
    closed = repo.gated and (user or {}).get("name") not in repo.granted
    if closed and action in ("resolve", "auth-check"):
        raise Refusal(403, f"Access to {kind} {id} is restricted", "GatedRepo")
    if action == "auth-check":
        if more == ["write"]:
            _writer(user, id)
        return as_json({})
    if isinstance(repo, Served):
        return _model(repo, request, action, *more)
    if request.method in ("POST", "PUT", "DELETE"):
        return _change(hub, repo, request, _writer(user, id), action, more)
    return _read(hub, repo, request, user, action, more)


def _model(model: Served, request: Request, action: str, revision: str, *path: str) -> Answer:
    found = model.find(revision)
    if found is None:
        raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    sha, folder = found
    if action == "revision":
        return as_json(model.info(sha, folder))
    if action == "tree":
        return as_json(tree(folder))
    file = "/".join(path)
    if action == "resolve" and file in names(folder):
        content = (folder / file).read_bytes()
        return as_file(content, blob(content), sha, request.headers.get("Range"))
    raise Refusal(404, "Entry not found", "EntryNotFound", X_Repo_Commit=sha)


def _page(hub: Hub, request: Request, items: list[Any], size: int, path: str) -> Answer:
    """A page of the list; the link to the next one names the commit, so pages fit together."""
    start = int(request.query.get("cursor", ["0"])[0])
    end = start + size
    headers = {}
    if end < len(items):
        recursive = request.query.get("recursive", ["false"])[0]
        url = f"{hub.address}/{path}?recursive={recursive}&cursor={end}"
        headers["Link"] = f'<{url}>; rel="next"'
    return as_json(items[start:end], **headers)


def _read(
    hub: Hub,
    repo: Repo,
    request: Request,
    user: dict[str, Any] | None,
    action: str,
    more: list[str],
) -> Answer:
    if repo.kind == "space" and action == "variables":
        _writer(user, repo.id)
        return as_json({key: {"value": value} for key, value in repo.variables.items()})
    if repo.kind == "space" and action == "secrets":
        _writer(user, repo.id)
        return as_json({key: {} for key in repo.secrets})
    if repo.kind == "space" and action == "runtime":
        return as_json(repo.runtime())
    revision, *path = more
    commit = repo.find(revision)
    base = f"api/{repo.kind}s/{repo.id}"
    below = "/".join(path)
    if action == "revision":
        return as_json(repo.info(commit))
    if action == "commits":
        entries = [listed(made) for made in repo.log(commit.id)]
        return _page(hub, request, entries, COMMITS_PAGE, f"{base}/commits/{commit.id}")
    if action == "tree":
        start = f"{below}/" if below else ""
        entries = [entry for entry in commit.tree if entry["path"].startswith(start)]
        if below and not entries:
            raise Refusal(404, f"{below} does not exist on {revision}", "EntryNotFound")
        if request.query.get("recursive", ["false"])[0].lower() != "true":
            entries = [entry for entry in entries if "/" not in entry["path"][len(start) :]]
        return _page(hub, request, entries, TREE_PAGE, f"{base}/tree/{commit.id}/{below}")
    if action == "resolve" and below in commit.files:
        entry = commit.files[below]
        return as_file(entry.content, entry.oid, commit.id, request.headers.get("Range"))
    raise Refusal(404, "Entry not found", "EntryNotFound", X_Repo_Commit=commit.id)


def _change(
    hub: Hub, repo: Repo, request: Request, name: str, action: str, more: list[str]
) -> Answer:
    if action == "commit":
        header, files, folders = changes(map(json.loads, request.body.splitlines()))
        sha = repo.commit(
            files,
            header["summary"],
            header.get("description", ""),
            author=name,
            parent=header.get("parentCommit"),
            folders=folders,
            limit=hub.commit_limit,
            window=hub.commit_window,
        )
        url = f"{hub.address}/{repo.kind}s/{repo.id}/commit/{sha}"
        return as_json({"success": True, "commitOid": sha, "commitUrl": url})
    asked = json.loads(request.body)
    if action == "preupload":
        present = repo.find(more[0]).files
        files = [
            {"path": path, "uploadMode": "regular", "shouldIgnore": False}
            | ({"oid": present[path].oid} if path in present else {})
            for path in (file["path"] for file in asked["files"])
        ]
        return as_json({"files": files})
    if action == "super-squash":
        repo.find(more[0])
        repo.squash(asked["message"], name)
        return as_json({})
    if repo.kind == "space" and action == "hardware":
        repo.hardware, repo.sleep_time = asked["flavor"], asked.get("sleepTimeSeconds")
        return as_json(repo.runtime())
    if repo.kind == "space" and action in ("variables", "secrets"):
        kept = repo.variables if action == "variables" else repo.secrets
        if request.method == "DELETE":
            kept.pop(asked["key"], None)
        else:
            kept[asked["key"]] = asked["value"]
        return as_json({key: {"value": value} for key, value in repo.variables.items()})
    raise Refusal(404, f"this Hub does not serve {action}")


def _jobs(
    hub: Hub, request: Request, user: dict[str, Any] | None, namespace: str, rest: list[str]
) -> Answer:
    if not user:
        raise Refusal(401, "Invalid username or password.")
    if request.method == "POST" and not rest:
        job = Job(namespace, _writer(user), json.loads(request.body))
        with hub.lock:
            hub.jobs[job.id] = job
        if hub.on_run:
            Thread(target=hub.on_run, args=(job,), daemon=True).start()
        return as_json(job.info())
    if not rest:
        with hub.lock:
            jobs = [job for job in hub.jobs.values() if job.namespace == namespace]
        labels = [label.partition("=") for label in request.query.get("label", [])]
        stages = request.query.get("stage")
        wanted = [
            job.info()
            for job in reversed(jobs)
            if (not stages or job.stage in stages)
            and all(job.labels.get(key) == value for key, _, value in labels)
        ]
        return as_json(wanted)
    found = hub.jobs.get(rest[0])
    if found is None or found.namespace != namespace:
        raise Refusal(404, "Job not found")
    match rest[1:]:
        case []:
            return as_json(found.info())
        case ["logs"]:
            tail = request.query.get("tail")
            return Answer(stream=found.events(int(tail[0]) if tail else None))
        case ["cancel"]:
            _writer(user)
            found.set("CANCELED")
            return as_json(found.info())
    raise Refusal(404, f"this Hub does not serve {rest[-1]}")
