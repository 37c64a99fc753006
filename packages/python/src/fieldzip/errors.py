"""The one error type, and what the decoder's status numbers mean.

The words of a status are those of the TypeScript library: `scripts/wheel.mjs` writes them into `statuses.json`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TypedDict

DAMAGED = "the archive is damaged; restore it from a copy, or see what is left with fieldzip verify"
NEWER = "read it with a newer release of fieldzip (pip install --upgrade fieldzip)"


class FieldzipError(Exception):
    """Whatever fieldzip raises on purpose.

    The message says where it happened, what was expected, what was found and what to do; the parts stand apart in
    the attributes. `tag` is the kind, for programs: `format`, `truncated`, `checksum`, `unsupported` (also: a
    version that is too new), `limit`, `shape`, `missing`, `usage`.
    """

    def __init__(
        self,
        tag: str,
        where: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        remedy: str,
    ) -> None:
        facts = [f"{expected} expected"] if expected is not None else []
        if found is not None:
            facts.append(f"{found} found")
        super().__init__(f"{where}: {', '.join(facts)}{': ' if facts else ''}{remedy}")
        self.tag = tag
        self.where = where
        self.expected = expected
        self.found = found
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keywords do not survive pickling by themselves, and dask sends them between processes.
        return (_restore, (self.tag, self.where, self.expected, self.found, self.remedy))


def _restore(
    tag: str, where: str, expected: str | None, found: str | None, remedy: str
) -> FieldzipError:
    return FieldzipError(tag, where, expected=expected, found=found, remedy=remedy)


class _Words(TypedDict):
    tag: str
    expected: str
    found: str
    remedy: str


class _Statuses(TypedDict):
    sections: dict[str, str]
    statuses: dict[str, _Words]


@cache
def _statuses() -> _Statuses:
    text = files("fieldzip").joinpath("statuses.json").read_text("utf-8")
    loaded: _Statuses = json.loads(text)
    return loaded


def section_name(kind: int) -> str:
    """What a stream calls the section of that kind."""
    return _statuses()["sections"].get(str(kind), f"section kind {kind}")


def error_of_status(status: int, detail: int, where: str) -> FieldzipError:
    """What the decoder answered, as an error. `detail` is what the status is about."""
    words = _statuses()["statuses"].get(str(status))
    place = f"{where} (status {status})"
    if words is None:
        return FieldzipError(
            "format", place, expected="a known status", found=str(status), remedy=DAMAGED
        )
    known = {"detail": str(detail), "section": section_name(detail)}
    return FieldzipError(
        words["tag"],
        place,
        expected=words["expected"].format_map(known),
        found=words["found"].format_map(known),
        remedy=words["remedy"],
    )
