"""The Python side of bench/python/run.mjs: one JSON request a line, one answer a line.

    {"stream": path, "least": 0.3}    -> {"seconds": CPU seconds of one decoding, the fastest, "sha256": ...}
    {"archive": path, "array": name}  -> {"seconds": wall seconds of reading it whole, "sha256": ...}
    {"versions": true}                -> {"python": ..., "zarr": ..., ...}
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from importlib.metadata import version

import zarr

import fieldzip


def stream(path: str, least: float) -> dict[str, object]:
    with open(path, "rb") as file:
        data = file.read()
    values = fieldzip.decode(data)
    seconds, until = [], time.process_time() + least
    while time.process_time() < until or len(seconds) < 5:
        start = time.process_time()
        fieldzip.decode(data)
        seconds.append(time.process_time() - start)
    return {"seconds": min(seconds), "sha256": hashlib.sha256(values.tobytes()).hexdigest()}


def archive(path: str, name: str) -> dict[str, object]:
    start = time.perf_counter()
    values = zarr.open_group(path, mode="r")[name][...]
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "sha256": hashlib.sha256(values.tobytes()).hexdigest()}


for line in sys.stdin:
    asked = json.loads(line)
    if "stream" in asked:
        answer = stream(asked["stream"], asked["least"])
    elif "archive" in asked:
        answer = archive(asked["archive"], asked["array"])
    else:
        names = ("zarr", "numpy", "wasmtime")
        answer = {"python": platform.python_version(), **{name: version(name) for name in names}}
    print(json.dumps(answer), flush=True)
