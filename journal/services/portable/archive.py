"""What an archive is: a zip of `manifest.json`, a file of JSON lines for each table, and the files handed in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from zipfile import ZipFile

from common.errors import Rejected

FORMAT = 1
MANIFEST = "manifest.json"
_MANIFEST_MAX = 16 * 2**20


class ArchiveUnusable(Rejected):
    def __init__(self, words: str) -> None:
        super().__init__("archive_unusable", words)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive. `columns` are those of the table, in their order; none of a file that was handed in."""

    name: str
    count: int
    size: int
    sha256: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """`people` are members by id, with their e-mail: who wrote what is theirs again where they are known. `missing` are
    files that the storage had lost."""

    workspace: dict[str, str]
    made_at: str
    tables: tuple[Part, ...]
    files: tuple[Part, ...]
    people: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    left: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def read(cls, archive: ZipFile) -> Self:
        """Raises ArchiveUnusable."""
        try:
            if archive.getinfo(MANIFEST).file_size > _MANIFEST_MAX:
                raise ArchiveUnusable("Its manifest is too large to be one.")
            told: dict[str, Any] = json.loads(archive.read(MANIFEST))
            if told["format"] != FORMAT:
                raise ArchiveUnusable(
                    f"It is of format {told['format']}; this version reads format {FORMAT}. "
                    "Read it with the version that wrote it."
                )
            parts = {
                name: tuple(Part(**{**one, "columns": tuple(one["columns"])}) for one in told[name])
                for name in ("tables", "files")
            }
            return cls(**{**told, **parts, "missing": tuple(told["missing"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ArchiveUnusable(
                "It is no archive of a workspace: it has no manifest that can be read."
            ) from error


def row_file(table: str) -> str:
    return f"rows/{table}.jsonl"


def kept_file(sha256: str) -> str:
    return f"files/{sha256}"
