"""Attributes with the types that they had (`spec/archive.md`, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import FieldzipError

_TEXT = ("char", "string")
_NUMBERS = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)} | {
    "float32",
    "float64",
}


def exact_attributes(attributes: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The attributes of a node as netCDF4-python would give them: text, NumPy scalars, NumPy arrays.

    Those that another tool added come as they are; our own table does not.
    """
    note = attributes.get("fieldzip")
    types = note.get("attribute_types") if isinstance(note, Mapping) else None
    return typed_attributes(attributes, types or {}, where)


def typed_attributes(plain: Mapping[str, Any], types: Any, where: str) -> dict[str, Any]:
    """Attributes from their plain values and the table of their types."""
    if not isinstance(types, Mapping):
        raise _bad(where, "a table of attribute types", types)
    found: dict[str, Any] = {}
    for name, entry in types.items():
        at = f"{where}, attribute {name}"
        detailed: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {"type": entry}
        if "values" in detailed:
            found[name] = _value(detailed.get("type"), detailed["values"], at)
        elif name in plain:
            value = plain[name]
            values = value if isinstance(value, list) else [value]
            found[name] = _value(detailed.get("type"), values, at)
    others = {name: value for name, value in plain.items() if name != "fieldzip"}
    return {**found, **{name: value for name, value in others.items() if name not in found}}


def _value(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, list):
        raise _bad(where, "a list of values", values)
    if kind in _TEXT:
        if not all(isinstance(value, str) for value in values):
            raise _bad(where, "text", values)
        return values[0] if len(values) == 1 else list(values)
    if kind not in _NUMBERS:
        raise _bad(where, "a data type", kind)
    integral = not kind.startswith("float")
    try:
        # Through text or exact numbers: int64 has integers that no float holds.
        numbers = np.array([int(v) if integral else float(v) for v in values], np.dtype(kind))
    except (TypeError, ValueError, OverflowError) as error:
        raise _bad(where, f"values of type {kind}", values) from error
    return numbers[0] if len(values) == 1 else numbers


def _bad(where: str, expected: str, found: Any) -> FieldzipError:
    return FieldzipError(
        "format",
        where,
        expected=expected,
        found=repr(found)[:80],
        remedy="the archive's metadata is damaged; restore zarr.json or write the archive again",
    )
