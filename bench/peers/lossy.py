"""Lossy compressors of other people, measured one call at a time: for bench/neural/rate-distortion.mjs.

Reads one JSON object a line from standard input and answers each with one on standard output:

    {"list": true}
        -> {"codecs": ["SPERR", ...], "versions": {"python": "3.11.7", ...}}
    {"codec": "SPERR", "path": "f.raw", "decoded": "d.raw", "shape": [72, 96, 128], "error": 0.01}
        -> {"bytes": 32991, "compress": 0.031, "decompress": 0.021}

The file holds float32 in C order, slowest axis first, in the machine's byte order; what was decoded is written
likewise to `decoded`. `error` is what the codec is asked for, in units of the values: the root mean square
error for SPERR and TTHRESH, which aim at one, the largest error for the others, which keep to one.
Seconds are CPU time of this process; every codec runs on one thread.
"""

import importlib.metadata
import json
import math
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import h5py
import hdf5plugin
import numpy as np

# The codecs print to standard output, too.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def hdf5_codec(filters):
    """One chunk that holds the whole field, through the HDF5 library and a file in memory."""

    def encode(array, options):
        with h5py.File("encode", "w", driver="core", backing_store=False) as file:
            stored = file.create_dataset("v", data=array, chunks=array.shape, **options)
            file.flush()
            return stored.id.read_direct_chunk((0,) * array.ndim)[1]

    def decode(encoded, array, options):
        with h5py.File("decode", "w", driver="core", backing_store=False) as file:
            stored = file.create_dataset("v", array.shape, array.dtype, chunks=array.shape, **options)
            stored.id.write_direct_chunk((0,) * array.ndim, encoded)
            return stored[...]

    return lambda array, error: filters(array, error), encode, decode


def sperr_filters(array, error):
    # `swap`: SPERR's first axis is the fastest one. Without it axes are mixed up, and results several times as large.
    psnr = 20 * math.log10(float(array.max() - array.min()) / error)
    return dict(hdf5plugin.Sperr(peak_signal_to_noise_ratio=psnr, swap=True))


def zfp_filters(array, error):
    return dict(hdf5plugin.Zfp(accuracy=error))


def sz3_codec():
    from pysz import sz, szConfig, szErrorBoundMode

    def configure(array, error):
        config = szConfig(array.shape)
        config.errorBoundMode = szErrorBoundMode.ABS
        config.absErrorBound = error
        config.openmp = False
        return config

    return (
        configure,
        lambda array, config: bytes(sz.compress(array, config)[0]),
        lambda encoded, array, config: sz.decompress(np.frombuffer(encoded, np.uint8), np.float32, array.shape)[0],
    )


def tthresh_codec():
    from numcodecs_wasm_tthresh import Tthresh

    # A WebAssembly build, whose decoder traps at small errors and loses 2 dB to the native one on the same bytes:
    # rate-distortion.mjs takes an executable instead where there is one. Its first axis is the fastest one, too: the same memory is handed over with the axes named the other way round.
    return (
        lambda array, error: Tthresh(eb_mode="rmse", eb_rmse=error),
        lambda array, codec: bytes(codec.encode(array.reshape(array.shape[::-1]))),
        lambda encoded, array, codec: np.asarray(codec.decode(np.frombuffer(encoded, np.uint8))).reshape(array.shape),
    )


CODECS = {
    "SPERR": lambda: hdf5_codec(sperr_filters),
    "TTHRESH": tthresh_codec,
    "SZ3": sz3_codec,
    "zfp": lambda: hdf5_codec(zfp_filters),
}
PACKAGES = ["hdf5plugin", "h5py", "pysz", "numcodecs-wasm-tthresh", "numpy"]


def measure(codec, path, decoded, shape, error):
    array = np.fromfile(path, np.float32).reshape(shape)
    configure, encode, decode = codec
    options = configure(array, error)
    start = time.process_time()
    encoded = encode(array, options)
    middle = time.process_time()
    values = decode(encoded, array, options)
    end = time.process_time()
    np.ascontiguousarray(values, np.float32).tofile(decoded)
    return {"bytes": len(encoded), "compress": middle - start, "decompress": end - middle}


def main():
    opened = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "list" in request:
                versions = {name: importlib.metadata.version(name) for name in PACKAGES}
                answer = {"codecs": list(CODECS), "versions": {"python": sys.version.split()[0], **versions}}
            else:
                name = request["codec"]
                opened[name] = opened.get(name) or CODECS[name]()
                answer = measure(
                    opened[name], request["path"], request["decoded"], request["shape"], request["error"]
                )
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
