"""Which chunk it was: for messages."""

from __future__ import annotations

import asyncio
from typing import Any


def place_of(byte_getter: Any) -> str:
    """Names the object, or the chunk in a shard, that `byte_getter` reads."""
    coordinates = getattr(byte_getter, "chunk_coords", None)
    if coordinates is None:
        return f"chunk {byte_getter}"
    inside = f"chunk [{','.join(map(str, coordinates))}] of"
    try:
        shard = _shard_of(byte_getter)
    except Exception:  # noqa: BLE001 - a message must not fail for want of a name
        shard = None
    return f"{inside} shard {shard}" if shard else f"{inside} a shard"


def _shard_of(byte_getter: Any) -> str | None:
    """The object behind a chunk of a shard.

    zarr tells the codec only the place inside the shard; what reads the shard waits further up, in a coroutine of a
    task that has not ended. Only done once something is wrong.
    """
    shard = byte_getter.shard_dict
    for task in asyncio.all_tasks():
        waiting: Any = task.get_coro()
        while waiting is not None:
            frame = getattr(waiting, "cr_frame", None)
            if frame is not None and frame.f_locals.get("shard_dict") is shard:
                return str(frame.f_locals["byte_getter"])
            waiting = getattr(waiting, "cr_await", None)
    return None
