"""Brings a record, side file or request of an older schema version up to the present one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from results.schema import SCHEMA_VERSION

Json = dict[str, Any]
STEPS: dict[int, Callable[[Json], Json]] = {}
"""`STEPS[v]` takes a document of version v to v + 1; add one whenever SCHEMA_VERSION rises."""


class UnknownVersion(ValueError):
    """Raised for a document that no step leads from, such as one written by a newer program."""


def migrate(document: Json) -> Json:
    """The document at SCHEMA_VERSION; the given one is not changed.

    Raises:
        UnknownVersion: no or an unknown `schema_version`, or one newer than this program's.
    """
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise UnknownVersion("the file has no schema_version")
    if version > SCHEMA_VERSION:
        raise UnknownVersion(
            f"the file has schema version {version}, this program reads up to {SCHEMA_VERSION}: "
            "update the program"
        )
    while version < SCHEMA_VERSION:
        if version not in STEPS:
            raise UnknownVersion(f"no way leads from schema version {version}")
        document = STEPS[version](dict(document))
        version += 1
        document["schema_version"] = version
    return document
