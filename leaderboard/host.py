"""A board of one's own on the Hub: a Space, its two datasets, its variables and secrets.

Everything is looked up before anything is made, so that what is wrong is said first, and what is
already so is left alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from leaderboard import dataset_cards, space_files
from leaderboard.host_checks import HostError, check_tokens, check_wish
from results import export
from results.corpora import cards
from results.dataset import Dataset
from results.files import write_atomic
from results.repo import Repo

SECRETS = ("MEXA_TOKEN", "MEXA_READ_TOKEN", "MEXA_JOBS_TOKEN")
EMPTY = {".gitattributes", "README.md"}
"""What the Hub itself may put into a new repo."""
RESULTS = {"results", "corpora", "leases", "scores", "summary", "withdrawn"}
"""Folders of a results dataset."""
Files = dict[str, bytes | None]


@dataclass(frozen=True)
class Step:
    """One thing to do on the Hub, in words and as a call."""

    what: str
    do: Callable[[], object]


@dataclass
class Host:
    """Makes or updates the board `repo`; `check` and `steps` only read.

    variables: MEXA_ settings of the Space; secrets: values of `SECRETS`; results: a local results
    repo whose records the board starts with; corpora: others with cards and built corpora.
    """

    repo: str
    token: str | None
    private: bool = False
    hardware: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    renew: bool = False
    """Set secrets anew that the Space already has."""
    results: Path = Path()
    corpora: Sequence[Path] = ()

    def __post_init__(self) -> None:
        self.api = HfApi(token=self.token or False)
        self.space = self.repo
        self.datasets = {kind: f"{self.repo}-{kind}" for kind in ("results", "requests")}
        self._work = Path(tempfile.mkdtemp(prefix="mexa-host-"))
        self._stores: dict[str, Dataset] = {}
        self._space: Any = None

    def close(self) -> None:
        """Delete what was fetched to compare with."""
        shutil.rmtree(self._work, ignore_errors=True)

    def check(self) -> None:
        """Look at the wish, the tokens and what is there already. Raises HostError."""
        ids = [self.space, *self.datasets.values()]
        check_wish(self.repo, ids, self.variables, self.results)
        check_tokens(self.api, self.repo, ids, self.token, self.secrets)
        self._space = self._look("space", self.space)
        if self._space is not None:
            files = {each.rfilename for each in self._space.siblings or []}
            if files - EMPTY and "leaderboard/site.py" not in files:
                raise HostError(f"the Space {self.space} is something else; choose another name")
        for kind, id in self.datasets.items():
            info = self._look("dataset", id)
            if info is None:
                continue
            tops = {each.rfilename.partition("/")[0] for each in info.siblings or []} - EMPTY
            if kind == "requests":
                tops = {top for top in tops if "__" not in top and "=" not in top}
            if tops - RESULTS - {"blocklist.json"}:
                raise HostError(f"the dataset {id} holds something else; choose another name")
            self._stores[kind] = self._store(kind)
            self._stores[kind].refresh()

    def has_secret(self, name: str) -> bool:
        """Whether the Space has that secret already."""
        return self._space is not None and name in self.api.get_space_secrets(self.space)

    def lacks_text(self) -> list[str]:
        """Corpora whose text may be published, and is neither here nor there."""
        known = [self.results, *self.corpora]
        if "results" in self._stores:
            known.append(self._stores["results"].root)
        wanted = {card.name: f"{card.name}-{card.hash[:12]}" for card in self._public()}
        return [
            name
            for name, stem in wanted.items()
            if not any((root / "corpora" / f"{stem}.parquet").exists() for root in known)
        ]

    def lacks_card(self) -> str | None:
        """The corpus that the board is to evaluate on, when no card of it is here or there."""
        wanted = self.variables.get("MEXA_CORPUS", "")
        known = [self.results, *self.corpora]
        if "results" in self._stores:
            known.append(self._stores["results"].root)
        there = {card.name for root in known for card in cards(root)}
        return wanted if wanted and wanted not in there else None

    def steps(self) -> list[Step]:
        """What is left to do, in order; empty when everything is already so."""
        found = []
        for kind, id in self.datasets.items():
            if kind not in self._stores:
                found.append(Step(f"create the dataset {id}", self._creator(id, "dataset")))
        if self._space is None:
            on = f" on {self.hardware}" if self.hardware else ""
            more = {"space_sdk": "gradio", "space_hardware": self.hardware}
            make = self._creator(self.space, "space", **more)
            found.append(Step(f"create the Space {self.space}{on}", make))
        for kind, id in self.datasets.items():
            files = self._edit(kind, self._root(kind))
            if files:
                what = f"write {len(files)} files to {id}: {_some(files)}"
                found.append(Step(what, partial(self._fill, kind)))
        return [*found, *self._space_steps()]

    def _space_steps(self) -> list[Step]:
        found = []
        there = {}
        if self._space is not None:
            kept = self.api.get_space_variables(self.space)
            there = {key: each.value for key, each in kept.items()}
        wanted = {"MEXA_LAUNCHER": "none"} if "MEXA_LAUNCHER" not in there else {}
        for key, value in (wanted | {"MEXA_REPO": self.repo} | dict(self.variables)).items():
            if there.get(key) != value:
                do = partial(self.api.add_space_variable, self.space, key, value)
                found.append(Step(f"set the variable {key}={value}", do))
        for key, value in self.secrets.items():
            if self.renew or not self.has_secret(key):
                hidden = partial(self.api.add_space_secret, self.space, key, value)
                found.append(Step(f"set the secret {key}", hidden))
        if self._space is not None and self.hardware:
            runtime = self.api.get_space_runtime(self.space)
            if self.hardware not in (runtime.hardware, runtime.requested_hardware):
                ask = partial(self.api.request_space_hardware, self.space, self.hardware)
                found.append(Step(f"ask for the hardware {self.hardware}", ask))
        present = None if self._space is None else self.space
        changed, gone = space_files.difference(self.api, present)
        if changed or gone:
            what = f"upload {len(changed)} files to the Space, delete {len(gone)}"
            send = partial(space_files.upload, self.api, self.space, changed, gone)
            found.append(Step(what, send))
        return found

    def unwritable(self) -> list[str]:
        """Datasets that MEXA_TOKEN, where it was given, may not write to."""
        token, found = self.secrets.get("MEXA_TOKEN"), []
        for id in self.datasets.values() if token else ():
            try:
                self.api.auth_check(id, repo_type="dataset", token=token, write=True)
            except HfHubHTTPError:
                found.append(id)
        return found

    def _look(self, kind: str, id: str) -> Any:  # noqa: ANN401
        try:
            return self.api.repo_info(id, repo_type=kind)
        except RepositoryNotFoundError:
            return None

    def _creator(self, id: str, kind: str, **more: Any) -> Callable[[], object]:  # noqa: ANN401
        private = True if self.private else None
        return partial(
            self.api.create_repo, id, repo_type=kind, private=private, exist_ok=True, **more
        )

    def _store(self, kind: str) -> Dataset:
        return Dataset(self.datasets[kind], self._work / "mirrors", token=self.token, role="host")

    def _root(self, kind: str) -> Path:
        return self._stores[kind].root if kind in self._stores else self._work / "none"

    def _fill(self, kind: str) -> None:
        store = self._stores.setdefault(kind, self._store(kind))
        store.change("the board is set up", lambda: self._edit(kind, store.root))

    def _edit(self, kind: str, root: Path) -> Files:
        """What a dataset at `root` lacks; called again when somebody else wrote meanwhile."""
        files: Files = {}
        card = dataset_cards.results if kind == "results" else dataset_cards.requests
        if not (root / "README.md").exists():
            files["README.md"] = card(self.space)
        if kind == "requests":
            return files
        added = Repo(root).all_additions(Repo(self.results))
        files |= added.files
        public = {f"{card.name}-{card.hash[:12]}" for card in self._public()}
        for source in (self.results, *self.corpora):
            for path in sorted(source.glob("corpora/*")):
                allowed = path.suffix == ".json" or (
                    path.suffix == ".parquet" and path.stem in public
                )
                name = f"corpora/{path.name}"
                if allowed and not (root / name).exists():
                    files.setdefault(name, path.read_bytes())
        return files | self._scores(root, files)

    def _scores(self, root: Path, files: Files) -> Files:
        """The table of all records that there will be, when it is another than the one there."""
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            merged = Path(folder)
            if (root / "results").exists():
                shutil.copytree(root / "results", merged / "results")
            for name, data in files.items():
                if name.startswith("results/") and data is not None:
                    write_atomic(merged / name, data)
            table = export.scores(merged)
        old = root / dataset_cards.SCORES
        if old.exists() and pq.read_table(old).equals(table):
            return {}
        return {dataset_cards.SCORES: export.parquet(table)}

    def _public(self) -> list[Any]:
        """Cards of corpora whose licence allows their text to be shown."""
        found = [card for root in (self.results, *self.corpora) for card in cards(root)]
        return [card for card in found if card.text_public]


def _some(files: Mapping[str, object], shown: int = 3) -> str:
    names = [name.rpartition("/")[2] for name in files]
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
