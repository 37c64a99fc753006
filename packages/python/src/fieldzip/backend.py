"""`fieldzip.open`: an archive as the xarray.Dataset that was compressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray
import zarr
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.core import indexing

from .attributes import exact_attributes, typed_attributes
from .errors import NEWER, FieldzipError
from .stores import store_of

ARCHIVE_VERSION = 1
"""Version of `spec/archive.md` that this release reads."""


class FieldzipBackend(BackendEntrypoint):
    """The engine `fieldzip` of `xarray.open_dataset` and `xarray.open_datatree`."""

    description = "Open fieldzip archives"
    supports_groups = True

    # xarray wants every parameter by its name. None is xarray's default.
    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        mask_and_scale: bool | Mapping[str, bool] | None = None,
        decode_times: Any = None,
        concat_characters: bool | Mapping[str, bool] | None = None,
        decode_coords: bool | str | None = None,
        use_cftime: bool | Mapping[str, bool] | None = None,
        decode_timedelta: Any = None,
        group: str = "",
        storage_options: dict[str, Any] | None = None,
    ) -> xarray.Dataset:
        """One group of an archive, by default the root."""
        archive = _Archive(filename_or_obj, storage_options)
        path = group.strip("/")
        if path not in archive.groups:
            raise FieldzipError(
                "missing",
                archive.where,
                expected=f"a group out of {', '.join(map(repr, archive.groups))}",
                found=repr(group),
                remedy="choose one that is there",
            )
        decoding = {
            "mask_and_scale": mask_and_scale,
            "decode_times": decode_times,
            "concat_characters": concat_characters,
            "decode_coords": decode_coords,
            "use_cftime": use_cftime,
            "decode_timedelta": decode_timedelta,
        }
        return archive.dataset(path, _names(drop_variables), decoding)

    def open_groups_as_dict(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        mask_and_scale: bool | Mapping[str, bool] | None = None,
        decode_times: Any = None,
        concat_characters: bool | Mapping[str, bool] | None = None,
        decode_coords: bool | str | None = None,
        use_cftime: bool | Mapping[str, bool] | None = None,
        decode_timedelta: Any = None,
        storage_options: dict[str, Any] | None = None,
    ) -> dict[str, xarray.Dataset]:
        """All groups, by their paths."""
        archive = _Archive(filename_or_obj, storage_options)
        drop = _names(drop_variables)
        decoding = {
            "mask_and_scale": mask_and_scale,
            "decode_times": decode_times,
            "concat_characters": concat_characters,
            "decode_coords": decode_coords,
            "use_cftime": use_cftime,
            "decode_timedelta": decode_timedelta,
        }
        return {f"/{path}": archive.dataset(path, drop, decoding) for path in archive.groups}

    def open_datatree(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        mask_and_scale: bool | Mapping[str, bool] | None = None,
        decode_times: Any = None,
        concat_characters: bool | Mapping[str, bool] | None = None,
        decode_coords: bool | str | None = None,
        use_cftime: bool | Mapping[str, bool] | None = None,
        decode_timedelta: Any = None,
        storage_options: dict[str, Any] | None = None,
    ) -> xarray.DataTree:
        """All groups, as a tree."""
        groups = self.open_groups_as_dict(
            filename_or_obj,
            drop_variables=drop_variables,
            mask_and_scale=mask_and_scale,
            decode_times=decode_times,
            concat_characters=concat_characters,
            decode_coords=decode_coords,
            use_cftime=use_cftime,
            decode_timedelta=decode_timedelta,
            storage_options=storage_options,
        )
        return xarray.DataTree.from_dict(groups)


def _names(drop: str | Iterable[str] | None) -> set[str]:
    return {drop} if isinstance(drop, str) else set(drop or ())


class _Archive:
    """An open archive: the groups and the variables that it presents."""

    def __init__(self, location: Any, storage_options: dict[str, Any] | None) -> None:
        self.store, self.where = store_of(location, storage_options)
        root = zarr.open_group(self.store, mode="r")
        self.attributes = dict(root.attrs)
        self.note = self._checked_note()
        metadata = root.metadata.consolidated_metadata
        nodes = metadata.flattened_metadata if metadata is not None else {}
        if metadata is None:
            raise self._not_an_archive("no consolidated metadata")
        self.groups: dict[str, dict[str, Any]] = {"": self.attributes}
        self.arrays: dict[str, zarr.Array[Any]] = {}
        for path in nodes:
            node = root[path]
            if isinstance(node, zarr.Array):
                self.arrays[path] = _strict(node)
            else:
                self.groups[path] = dict(node.attrs)

    def _checked_note(self) -> Mapping[str, Any]:
        note = self.attributes.get("fieldzip")
        version = note.get("version") if isinstance(note, dict) else None
        if not isinstance(note, dict) or not isinstance(version, int):
            raise self._not_an_archive("a Zarr group without our note")
        if version > ARCHIVE_VERSION:
            raise FieldzipError(
                "unsupported",
                self.where,
                expected=f"archive version {ARCHIVE_VERSION} or older",
                found=str(version),
                remedy=NEWER,
            )
        return note

    def _not_an_archive(self, found: str) -> FieldzipError:
        return FieldzipError(
            "format",
            self.where,
            expected="a fieldzip archive",
            found=found,
            remedy="open it as the format that it is, or check the path",
        )

    def dataset(self, group: str, drop: set[str], decoding: dict[str, Any]) -> xarray.Dataset:
        """The variables that lie in `group` itself."""
        found = {one.name: one for one in self._presented()}
        order = [name for name in self.note.get("variables") or () if name in found]
        prefix = f"{group}/" if group else ""
        variables: dict[str, xarray.Variable] = {}
        for name in [*order, *(name for name in found if name not in order)]:
            base = name.removeprefix(prefix)
            if name.startswith(prefix) and "/" not in base and base not in drop:
                variables[base] = found[name].variable()
        dataset = xarray.Dataset(variables, attrs=exact_attributes(self.groups[group], self.where))
        given = {name: value for name, value in decoding.items() if value is not None}
        dataset = xarray.decode_cf(dataset, **given)
        dataset.encoding["unlimited_dims"] = {
            one["name"].rpartition("/")[2]
            for one in self.note.get("dimensions") or ()
            if one.get("unlimited") and one["name"].rpartition("/")[2] in dataset.sizes
        }
        dataset.set_close(self.store.close)
        return dataset

    def _presented(self) -> Iterator[_Presented]:
        """Variables as they were compressed: joint arrays as their members, and not the lists of their names."""
        for path, array in self.arrays.items():
            attributes = dict(array.attrs)
            note = attributes.get("fieldzip")
            note = note if isinstance(note, dict) else {}
            where = f"{self.where}, variable {path}"
            if "names_of" in note:
                continue
            joint = note.get("joint")
            if joint is None:
                yield _Presented(
                    path, array, exact_attributes(attributes, where), note.get("type") == "char"
                )
                continue
            for place, member in enumerate(joint["members"]):
                name = member["name"]
                at = f"{self.where}, variable {name}"
                types = member.get("attribute_types") or {}
                yield _Presented(
                    name,
                    array,
                    typed_attributes(member.get("attributes") or {}, types, at),
                    axis=joint["axis"],
                    place=place,
                )


def _strict(array: zarr.Array[Any]) -> zarr.Array[Any]:
    """An array that raises where an object is missing. zarr 3.1 cannot, and reads zeros."""
    if "read_missing_chunks" not in zarr.config.get("array"):
        return array
    known: Any = array  # The types of zarr 3.1 do not know this setting.
    strict: zarr.Array[Any] = known.with_config({"read_missing_chunks": False})
    return strict


@dataclass(frozen=True)
class _Presented:
    """A variable: an array, or one place on the joint axis of one."""

    name: str
    array: zarr.Array[Any]
    attributes: dict[str, Any]
    is_text: bool = False
    axis: int | None = None
    place: int = 0

    def variable(self) -> xarray.Variable:
        names = getattr(self.array.metadata, "dimension_names", None) or ()
        dimensions = [name for a, name in enumerate(names) if a != self.axis]
        chunks = [size for a, size in enumerate(self.array.chunks) if a != self.axis]
        attributes = dict(self.attributes)
        if self.is_text and isinstance(attributes.get("_FillValue"), str):
            attributes["_FillValue"] = attributes["_FillValue"].encode("latin-1")
        data = indexing.LazilyIndexedArray(_LazyArray(self))
        variable = xarray.Variable(dimensions, data, attributes)
        variable.encoding = {
            "chunks": tuple(chunks),
            "preferred_chunks": dict(zip(dimensions, chunks, strict=True)),
        }
        return variable


class _LazyArray(BackendArray):
    """Reads what xarray indexes, and no more."""

    def __init__(self, presented: _Presented) -> None:
        self._presented = presented
        array, axis = presented.array, presented.axis
        self.shape = tuple(size for a, size in enumerate(array.shape) if a != axis)
        self.dtype = np.dtype("S1") if presented.is_text else array.dtype
        if str(self.dtype).startswith("StringDType"):
            self.dtype = np.dtype(object)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        presented = self._presented
        if presented.axis is not None:
            key = (*key[: presented.axis], presented.place, *key[presented.axis :])
        values = presented.array.oindex[key] if key else presented.array[()]
        if presented.is_text:
            return np.ascontiguousarray(values).view("S1")
        return np.asarray(values, self.dtype)
