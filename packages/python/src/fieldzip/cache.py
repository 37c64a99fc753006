"""Decoded chunks of which only a part was asked for, kept for the next part.

A row of a chunk costs the whole chunk, and so does one variable of a joint array. Chunks are known by a hash of their
bytes, so that nothing stale can come back, wherever they were read.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from .decoder import FloatArray


class DecodedCache:
    """Least recently used arrays, up to `limit` bytes of values (and always the newest)."""

    def __init__(self, limit: int = 128 * 2**20) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, FloatArray] = OrderedDict()
        self._total = 0

    @staticmethod
    def key(stream: bytes | memoryview) -> bytes:
        """What a stream is known by."""
        return hashlib.blake2b(stream, digest_size=20).digest()

    def get(self, key: bytes) -> FloatArray | None:
        """The values, read-only, or None."""
        with self._lock:
            values = self._entries.get(key)
            if values is not None:
                self._entries.move_to_end(key)
            return values

    def put(self, key: bytes, values: FloatArray) -> None:
        """Keeps the values, which nobody may change from here on."""
        values.flags.writeable = False
        with self._lock:
            before = self._entries.pop(key, None)
            if before is not None:
                self._total -= before.nbytes
            self._entries[key] = values
            self._total += values.nbytes
            while self._total > self.limit and len(self._entries) > 1:
                _, oldest = self._entries.popitem(last=False)
                self._total -= oldest.nbytes

    def clear(self) -> None:
        """Lets go of everything."""
        with self._lock:
            self._entries.clear()
            self._total = 0
