"""`fieldzip-decode.wasm` under wasmtime: stream bytes in, values or a status out.

It is the decoder of the TypeScript library, byte for byte the same module, so the values are the same to the bit.
An instance is used by one thread at a time and kept for the next one; wasmtime runs without Python's lock, so that
threads decode side by side.
"""

from __future__ import annotations

import ctypes
import os
import threading
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import wasmtime

from .errors import FieldzipError, error_of_status
from .header import StreamHeader

FloatArray = npt.NDArray[np.float32] | npt.NDArray[np.float64]

_KEEP_BYTES = 256 * 2**20
"""An instance whose memory grew beyond this is dropped after use: one large chunk is not paid for ever."""
_OUT_OF_MEMORY = 15
_ADDRESS = 0xFFFFFFFF


class _Instance:
    """One instance of the module, and its memory."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        # Exports are of several kinds, which wasmtime tells apart only when it runs.
        self._memory: Any = exports["memory"]
        self._reserve: Any = exports["reserve"]
        self._decode: Any = exports["decode"]
        self._output: Any = exports["output"]
        self._detail: Any = exports["detail"]

    @property
    def size(self) -> int:
        length: int = self._memory.data_len(self._store)
        return length

    def decode(self, stream: bytes | memoryview, header: StreamHeader, where: str) -> FloatArray:
        length, nbytes = len(stream), header.nbytes
        if length + nbytes > 2**31:
            raise error_of_status(_OUT_OF_MEMORY, 0, where)
        at = self._reserve(self._store, length, nbytes) & _ADDRESS
        if at == 0:
            raise error_of_status(_OUT_OF_MEMORY, 0, where)
        source = np.frombuffer(stream, np.uint8)
        self._copy(at, source.ctypes.data, length, into=True)
        number = 1 if header.data_type == "float32" else 2
        status = self._decode(self._store, length, number, header.count)
        if status != 0:
            raise error_of_status(status, self._detail(self._store) & _ADDRESS, where)
        # Memory of WebAssembly is little-endian whatever the machine is.
        values = np.empty(header.shape, "<f4" if number == 1 else "<f8")
        self._copy(
            self._output(self._store) & _ADDRESS, values.ctypes.data, nbytes, into=False
        )
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def _copy(self, offset: int, address: int, length: int, *, into: bool) -> None:
        """Copies between the instance's memory at `offset` and ours at `address`."""
        if length == 0:
            return
        if offset + length > self.size:
            raise IndexError("the decoder named memory that it does not have")
        # Taken anew each time: memory may have moved when it grew.
        inside = ctypes.addressof(self._memory.data_ptr(self._store).contents) + offset
        if into:
            ctypes.memmove(inside, address, length)
        else:
            ctypes.memmove(address, inside, length)


class _Decoder:
    """The compiled module and its idle instances. At most as many are alive as ever decoded at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Instance] = []
        self._compiled: tuple[wasmtime.Engine, wasmtime.Module] | None = None

    def decode(self, stream: bytes | memoryview, header: StreamHeader, where: str) -> FloatArray:
        with self._lock:
            instance = self._idle.pop() if self._idle else None
        if instance is None:
            instance = self._create(where)
        try:
            values = instance.decode(stream, header, where)
        except (wasmtime.Trap, wasmtime.WasmtimeError, IndexError) as error:
            # The decoder checks everything, so this is a bug of ours; the instance is not used again.
            raise FieldzipError(
                "format",
                where,
                expected="a stream that decodes or is refused",
                found=f"a trap in the decoder ({str(error).splitlines()[0]})",
                remedy="please report this chunk as a bug of fieldzip",
            ) from error
        except FieldzipError:
            self._release(instance)
            raise
        self._release(instance)
        return values

    def _release(self, instance: _Instance) -> None:
        if instance.size <= _KEEP_BYTES:
            with self._lock:
                self._idle.append(instance)

    def _create(self, where: str) -> _Instance:
        with self._lock:
            if self._compiled is None:
                self._compiled = _compile(wasmtime.Config())
            engine, module = self._compiled
        try:
            return _Instance(engine, module)
        except wasmtime.WasmtimeError:
            # An instance reserves 4 GiB of addresses (not of memory), which batch systems that limit them refuse.
            config = wasmtime.Config()
            config.memory_reservation = 0
            config.memory_guard_size = 65536
            config.memory_reservation_for_growth = 2**20
            with self._lock:
                self._compiled = engine, module = _compile(config)
            try:
                return _Instance(engine, module)
            except wasmtime.WasmtimeError as error:
                raise error_of_status(_OUT_OF_MEMORY, 0, where) from error


def _compile(config: wasmtime.Config) -> tuple[wasmtime.Engine, wasmtime.Module]:
    config.cranelift_opt_level = "speed"
    # The module compiles in 30 ms on one thread; a pool of threads would be missing in a forked child.
    config.parallel_compilation = False
    engine = wasmtime.Engine(config)
    wasm = files("fieldzip").joinpath("fieldzip-decode.wasm").read_bytes()
    return engine, wasmtime.Module(engine, wasm)


_decoder = _Decoder()
_of_parent: _Decoder | None = None


def _start_anew() -> None:
    """A forked child must not touch instances, or a lock, that a thread of its parent was using."""
    global _decoder, _of_parent
    # Kept, not freed: freeing would run code of wasmtime's on the parent's half-copied state.
    _of_parent = _decoder
    _decoder = _Decoder()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def decode_stream(stream: bytes | memoryview, header: StreamHeader, where: str) -> FloatArray:
    """Decodes a stream whose header was read; every checksum is compared. May be called from any thread."""
    return _decoder.decode(stream, header, where)
