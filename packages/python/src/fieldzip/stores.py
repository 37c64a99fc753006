"""Where an archive lies: a folder, a .zip, a URL of either, or a store of zarr's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from zarr.abc.store import Store
from zarr.storage import FsspecStore, LocalStore, ZipStore

from .errors import FieldzipError


def store_of(location: Any, storage_options: dict[str, Any] | None) -> tuple[Store, str]:
    """A store to read from, and its name for messages."""
    if isinstance(location, Store):
        return location, str(location)
    if not isinstance(location, (str, os.PathLike)):
        raise FieldzipError(
            "usage",
            "fieldzip.open",
            expected="a path, a URL or a zarr store",
            found=type(location).__name__,
            remedy="name the archive",
        )
    text = os.fspath(location)
    is_zip = text.partition("?")[0].endswith(".zip")
    if "://" in text:
        url = f"zip://::{text}" if is_zip and not text.startswith("zip://") else text
        return FsspecStore.from_url(url, storage_options, read_only=True), text
    path = Path(text)
    if not path.exists():
        raise FieldzipError("missing", text, remedy="check the path; there is no such archive")
    if is_zip and path.is_file():
        return ZipStore(path, mode="r"), text
    return LocalStore(path, read_only=True), text
