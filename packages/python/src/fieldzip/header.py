"""The frame of a stream: what stands before its sections (`spec/stream.md`, section 1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from typing import Literal

from .errors import DAMAGED, NEWER, FieldzipError

VERSION = 1
"""Version of the stream that this release reads."""

MAX_RANK = 8
MAX_SECTIONS = 8
MAX_CHUNK_BYTES = 256 * 2**20
"""Bytes of one chunk's values: what a decoder may be made to allocate for one stream."""

DataType = Literal["float32", "float64"]


@dataclass(frozen=True)
class StreamHeader:
    """Data type and extents of the box that a stream holds."""

    data_type: DataType
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of values."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return self.count * (4 if self.data_type == "float32" else 8)


def read_header(stream: bytes | memoryview, where: str) -> StreamHeader:
    """Reads and checks the header; the sections are the decoder's to check."""
    head = bytes(stream[: 12 + 4 * MAX_RANK + 12 * MAX_SECTIONS + 4])
    if len(head) < 16:
        raise FieldzipError(
            "truncated",
            where,
            expected="a stream of at least 16 bytes",
            found=str(len(head)),
            remedy=DAMAGED,
        )
    if head[:4] != b"FZIP":
        raise FieldzipError(
            "format",
            where,
            expected="the four bytes FZIP",
            found=head[:4].hex(" "),
            remedy="this is not a fieldzip stream; check what was given",
        )
    if head[4] != VERSION:
        raise FieldzipError(
            "unsupported",
            where,
            expected=f"stream version {VERSION}",
            found=f"version {head[4]}",
            remedy=NEWER,
        )
    rank, sections = head[8], head[9]
    length = 12 + 4 * rank + 12 * sections + 4
    if rank > MAX_RANK or sections > MAX_SECTIONS or len(head) < length:
        raise _damaged(where, f"rank {rank} with {sections} sections in {len(head)} bytes")
    stored = int.from_bytes(head[length - 4 : length], "little")
    computed = _crc32c(head[: length - 4])
    if stored != computed:
        raise _damaged(where, f"checksum 0x{stored:08x} stored, 0x{computed:08x} computed")
    if head[5] not in (1, 2):
        raise FieldzipError(
            "unsupported",
            where,
            expected="data type 1 (float32) or 2 (float64)",
            found=f"data type {head[5]}",
            remedy=NEWER,
        )
    header = StreamHeader(
        "float32" if head[5] == 1 else "float64", struct.unpack_from(f"<{rank}I", head, 12)
    )
    if header.nbytes > MAX_CHUNK_BYTES:
        raise FieldzipError(
            "limit",
            where,
            expected=f"a chunk of at most {MAX_CHUNK_BYTES} bytes",
            found=f"shape {_text(header.shape)} of {header.data_type}",
            remedy="the archive is damaged or hostile; fieldzip writes no chunks of this size",
        )
    return header


def check_header(
    header: StreamHeader, data_type: str, bounds: tuple[int, ...], where: str
) -> None:
    """Raises unless the stream holds values of `data_type` in a box that fits into `bounds`."""
    fits = len(header.shape) == len(bounds) and all(
        extent <= most for extent, most in zip(header.shape, bounds, strict=True)
    )
    if header.data_type == data_type and fits:
        return
    raise FieldzipError(
        "shape",
        where,
        expected=f"{data_type} of shape {_text(bounds)} or a part of it",
        found=f"{header.data_type} of shape {_text(header.shape)}",
        remedy="the chunk belongs elsewhere; restore the archive from a copy",
    )


def _text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "()"


def _damaged(where: str, found: str) -> FieldzipError:
    return FieldzipError(
        "checksum",
        f"{where}, stream header",
        expected="an undamaged header",
        found=found,
        remedy=DAMAGED,
    )


def _crc32c(data: bytes) -> int:
    """CRC-32C of a header: 150 bytes at most."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_CRC_TABLE = [_crc_of_byte(byte) for byte in range(256)]
