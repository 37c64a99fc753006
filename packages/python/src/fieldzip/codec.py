"""The Zarr v3 array-to-bytes codec `fieldzip` for zarr-python 3, found through its entry point: nothing to import."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from zarr.abc.codec import ArrayBytesCodec, ArrayBytesCodecPartialDecodeMixin

from .cache import DecodedCache
from .decoder import FloatArray, decode_stream
from .errors import DAMAGED, FieldzipError
from .header import StreamHeader, check_header, read_header
from .place import place_of

if TYPE_CHECKING:
    from zarr.abc.store import ByteGetter
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer

cache = DecodedCache()
"""Decoded chunks of which only a part was asked for. `fieldzip.codec.cache.limit` is its size in bytes."""


@dataclass(frozen=True)
class FieldzipCodec(ArrayBytesCodec, ArrayBytesCodecPartialDecodeMixin):
    """Decodes chunks of float32 and float64 (`spec/stream.md`); every bit is that which was compressed.

    A chunk at the edge of an array holds only the part inside the array. The configuration is for people: a stream
    describes itself. Chunks are decoded on threads of zarr's, side by side, each whole.
    """

    is_fixed_size = False

    configuration: dict[str, Any] = field(default_factory=dict, hash=False)
    """What was asked for when the array was written, as it stands in the metadata."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FieldzipCodec:
        """The codec of a `zarr.json`; any configuration is taken."""
        configuration = data.get("configuration")
        return cls(dict(configuration) if isinstance(configuration, dict) else {})

    def to_dict(self) -> dict[str, Any]:
        """What stood in `zarr.json`."""
        return {"name": "fieldzip", "configuration": dict(self.configuration)}

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        """Raises for arrays of other types than float32 and float64."""
        name = str(dtype.to_native_dtype())
        if name not in ("float32", "float64"):
            raise FieldzipError(
                "unsupported",
                "codec fieldzip",
                expected="float32 or float64",
                found=name,
                remedy="the metadata is damaged, or was not written by fieldzip",
            )

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Depends on the values."""
        raise NotImplementedError

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        """A whole chunk, filled up with the fill value where it stands out of the array."""
        stream = _bytes_of(chunk_data)
        values = await asyncio.to_thread(_decode, stream, chunk_spec, "a chunk")
        if values.shape != chunk_spec.shape:
            whole = np.full(chunk_spec.shape, chunk_spec.fill_value, values.dtype)
            whole[tuple(slice(extent) for extent in values.shape)] = values
            values = whole
        return chunk_spec.prototype.nd_buffer.from_ndarray_like(values)  # type: ignore[arg-type]

    async def _decode_partial_single(
        self, byte_getter: ByteGetter, selection: Any, chunk_spec: ArraySpec
    ) -> NDBuffer:
        """The selected part. zarr reads this way whenever it can, because only here the chunk's place is known."""
        stored = await byte_getter.get(prototype=chunk_spec.prototype)
        if stored is None:
            raise FieldzipError(
                "truncated",
                place_of(byte_getter),
                expected="a stored chunk",
                found="none",
                remedy="every chunk of an archive is stored, so this one is incomplete; restore it",
            )
        stream = _bytes_of(stored)
        try:
            values = await asyncio.to_thread(_part, stream, selection, chunk_spec, "\0")
        except FieldzipError as error:
            raise _placed(error, place_of(byte_getter)) from error.__cause__
        return chunk_spec.prototype.nd_buffer.from_ndarray_like(values)  # type: ignore[arg-type]

    async def _encode_single(self, chunk_data: NDBuffer, chunk_spec: ArraySpec) -> NoReturn:
        raise FieldzipError(
            "usage",
            "codec fieldzip",
            found="an array that is to be written",
            remedy="this package reads; write archives with `fieldzip compress INPUT OUTPUT.zarr`, or write with "
            "another codec (of a dataset that was read from an archive: ds.drop_encoding().to_zarr(...))",
        )


def _bytes_of(buffer: Buffer) -> memoryview:
    array: Any = np.ascontiguousarray(buffer.as_numpy_array()).view(np.uint8)
    return memoryview(array)


def _decode(stream: memoryview, chunk_spec: ArraySpec, where: str) -> FloatArray:
    return decode_stream(stream, _checked(stream, chunk_spec, where), where)


def _checked(stream: memoryview, chunk_spec: ArraySpec, where: str) -> StreamHeader:
    header = read_header(stream, where)
    check_header(header, str(chunk_spec.dtype.to_native_dtype()), chunk_spec.shape, where)
    return header


def _part(stream: memoryview, selection: Any, chunk_spec: ArraySpec, where: str) -> FloatArray:
    """Decodes a chunk, or finds it decoded, and selects. A part is a view of what is kept, and read-only."""
    header = _checked(stream, chunk_spec, where)
    axes = selection if isinstance(selection, tuple) else (selection,)
    wanted = [_reach(one, extent) for one, extent in zip(axes, header.shape, strict=False)]
    if any(high > extent for (_, high), extent in zip(wanted, header.shape, strict=False)):
        # zarr asks for what lies inside the array, and all of that must be in the stream.
        raise FieldzipError(
            "shape",
            where,
            expected=f"a stream that reaches {tuple(high for _, high in wanted)}",
            found=f"one of shape {header.shape}",
            remedy=DAMAGED,
        )
    if all(count == extent for (count, _), extent in zip(wanted, header.shape, strict=False)):
        whole: FloatArray = decode_stream(stream, header, where)[selection]
        return whole
    key = DecodedCache.key(stream)
    values = cache.get(key)
    # What is kept was checked when it was decoded; the key is a hash of all bytes.
    if values is None:
        values = decode_stream(stream, header, where)
        cache.put(key, values)
    part: FloatArray = values[selection]
    return part


def _reach(selected: Any, extent: int) -> tuple[int, int]:
    """How many places of an axis a selection takes, and the end of the last one."""
    if isinstance(selected, slice):
        stop = extent if selected.stop is None else selected.stop
        return len(range(selected.start or 0, stop, selected.step or 1)), stop
    places = np.asarray(selected)
    if places.dtype == np.bool_:
        return int(places.sum()), places.size
    return places.size, int(places.max(initial=-1)) + 1


def _placed(error: FieldzipError, place: str) -> FieldzipError:
    """The same error with the chunk's place, which is worth finding out only now."""
    return FieldzipError(
        error.tag,
        error.where.replace("\0", place),
        expected=error.expected,
        found=error.found,
        remedy=error.remedy,
    )
