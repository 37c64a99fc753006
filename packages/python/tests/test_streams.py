"""Streams: the same bits as Node's, and a typed error for everything else."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FROZEN, ROOT, STREAMS

import fieldzip
from fieldzip import FieldzipError
from fieldzip.decoder import _decoder
from fieldzip.errors import error_of_status
from fieldzip.header import _crc32c

SMALL = (FROZEN / "wave-1d-32.fzs").read_bytes()


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(values.tobytes()).hexdigest()


@pytest.mark.parametrize("entry", STREAMS, ids=lambda entry: entry["file"])
def test_frozen_stream(entry: dict[str, Any]) -> None:
    values = fieldzip.decode((FROZEN / entry["file"]).read_bytes())
    assert list(values.shape) == entry["shape"]
    assert values.dtype == entry["dataType"]
    assert digest(values) == entry["sha256"]


def test_every_predictor_and_effort(run_node: Callable[..., Any], tmp_path: Path) -> None:
    made = run_node("make_streams.mjs", str(tmp_path))
    for entry in made:
        values = fieldzip.decode((tmp_path / entry["file"]).read_bytes())
        assert (list(values.shape), str(values.dtype)) == (entry["shape"], entry["dataType"])
        assert digest(values) == entry["sha256"], entry
    predictors = {entry["predictor"] for entry in made}
    assert {"mechanism", "mechanism-solve", "raw", "neural"} <= predictors


def test_threads_give_the_same_bits() -> None:
    entries = STREAMS * 8
    streams = [(FROZEN / entry["file"]).read_bytes() for entry in entries]
    with ThreadPoolExecutor(8) as pool:
        decoded = list(pool.map(fieldzip.decode, streams))
    assert [digest(values) for values in decoded] == [entry["sha256"] for entry in entries]
    # Instances are kept and shared: at most one a thread.
    assert 1 <= len(_decoder._idle) <= 9


def test_values_are_the_callers_own() -> None:
    first = fieldzip.decode(SMALL)
    first[:] = 0
    assert digest(fieldzip.decode(SMALL)) == STREAMS[0]["sha256"]


def test_truncation_at_every_byte() -> None:
    for length in range(len(SMALL)):
        with pytest.raises(FieldzipError):
            fieldzip.decode(SMALL[:length])
    with pytest.raises(FieldzipError):
        fieldzip.decode(SMALL + b"\0")


@pytest.mark.parametrize(
    "name", ["wave-1d-32.fzs", "mask-64.fzs", "solve-2d-32.fzs", "neural-joint-exact-64.fzs"]
)
def test_flipped_bits(name: str) -> None:
    stream = (FROZEN / name).read_bytes()
    tags: Counter[str] = Counter()
    for at in sorted({*range(min(200, len(stream))), *range(0, len(stream), 37)}):
        for bit in (0, 3, 7):
            damaged = bytearray(stream)
            damaged[at] ^= 1 << bit
            with pytest.raises(FieldzipError) as caught:
                fieldzip.decode(bytes(damaged))
            tags[caught.value.tag] += 1
    assert tags["checksum"] > 100


def resealed(offset: int, value: int) -> bytes:
    """The small stream with another byte in its header, under a valid checksum."""
    stream = bytearray(SMALL)
    stream[offset] = value
    end = 12 + 4 * stream[8] + 12 * stream[9]
    stream[end : end + 4] = _crc32c(bytes(stream[:end])).to_bytes(4, "little")
    return bytes(stream)


@pytest.mark.parametrize(
    ("offset", "value", "tag", "words"),
    [
        (0, 0x20, "format", "FZIP"),
        (4, 2, "unsupported", "stream version 1 expected, version 2 found: .*newer release"),
        (5, 3, "unsupported", "data type 3 found: .*newer release"),
        (6, 250, "unsupported", "guarantee 250 found: .*newer release"),
        (7, 250, "unsupported", "predictor 250 found: .*newer release"),
        (10, 1, "format", "header"),
        (8, 9, "checksum", "rank 9"),
        (12, 0, "format", "side information"),
        (14, 0xFF, "format", "side information"),
        (15, 0xFF, "limit", "256|268435456"),
        (16, 99, "format", "section kind 99"),
    ],
)
def test_what_a_release_does_not_know(offset: int, value: int, tag: str, words: str) -> None:
    with pytest.raises(FieldzipError, match=words) as caught:
        fieldzip.decode(resealed(offset, value), where="run.zarr, chunk [1,2]")
    assert caught.value.tag == tag
    assert str(caught.value).startswith("run.zarr, chunk [1,2]")


def test_says_what_the_library_says(run_node: Callable[..., Any]) -> None:
    for status, detail, tag, expected, found in run_node("status_words.mjs"):
        error = error_of_status(status, detail, "stream")
        assert (error.tag, error.expected, error.found) == (tag, expected, found)
        assert f"(status {status})" in str(error)


def test_errors_survive_pickling() -> None:
    error = error_of_status(9, 2, "here")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.tag) == (str(error), "checksum")


def test_a_forked_process_decodes() -> None:
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    fieldzip.decode(SMALL)
    script = (
        "import fieldzip, hashlib, os, sys\n"
        "stream = open(sys.argv[1], 'rb').read()\n"
        "fieldzip.decode(stream)\n"
        "child = os.fork()\n"
        "ok = hashlib.sha256(fieldzip.decode(stream).tobytes()).hexdigest() == sys.argv[2]\n"
        "if child == 0: os._exit(0 if ok else 1)\n"
        "sys.exit(os.waitpid(child, 0)[1] or not ok)\n"
    )
    command = [sys.executable, "-c", script, str(FROZEN / "wave-1d-32.fzs")]
    assert subprocess.run([*command, STREAMS[0]["sha256"]], timeout=60).returncode == 0


def test_decodes_where_addresses_are_limited() -> None:
    resource = pytest.importorskip("resource")
    script = (
        "import fieldzip, hashlib, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({2 * 2**30}, {resource.RLIM_INFINITY}))\n"
        "values = fieldzip.decode(open(sys.argv[1], 'rb').read())\n"
        "sys.exit(hashlib.sha256(values.tobytes()).hexdigest() != sys.argv[2])\n"
    )
    command = [sys.executable, "-c", script, str(FROZEN / "wave-1d-32.fzs")]
    assert subprocess.run([*command, STREAMS[0]["sha256"]], timeout=60).returncode == 0


def test_version_is_that_of_the_command() -> None:
    manifest = json.loads((ROOT / "packages/cli/package.json").read_text())
    assert fieldzip.__version__ == manifest["version"]
