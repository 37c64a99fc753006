"""Lossless compressors of other people, measured one call at a time: for `fieldzip bench` and bench/lossless.

Reads one JSON object a line from standard input and answers each with one on standard output:

    {"list": true}
        -> {"codecs": ["fpzip", ...], "missing": {"zfp reversible": "zfpy"}, "versions": {...}}
    {"codec": "fpzip", "path": "f.raw", "dtype": "float32", "shape": [80, 96, 96], "least": 0.02}
        -> {"codec": "fpzip", "bytes": 1698211, "compress": 0.033, "decompress": 0.034}

The file holds the values in C order, slowest axis first, in the machine's byte order; every codec that
takes dimensions is told them. Seconds are CPU time of this process (every codec runs on one thread),
the mean over as many calls as it takes to fill `least` seconds. What was decoded is compared with the
original bytes each time; a difference is answered with {"error": ...}.
"""

import importlib.metadata
import importlib.util
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "BLOSC_NTHREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    import numpy as np
except ImportError:  # every codec needs it, and says so
    np = None


def at_most(array, rank):
    """The same values with the slowest axes merged until there are at most `rank`; 1-long axes go first."""
    shape = [size for size in array.shape if size != 1] or [1]
    while len(shape) > rank:
        shape[:2] = [shape[0] * shape[1]]
    return array.reshape(shape)


def fpzip_codec():
    import fpzip

    def decode(encoded, array):
        return fpzip.decompress(encoded, order="C")

    return lambda array: fpzip.compress(at_most(array, 4), precision=0, order="C"), decode


def zfp_codec():
    import zfpy

    # Reversible mode: no tolerance, rate or precision. Blocks of 4^3: in 4^4 variables would be mixed.
    return lambda array: zfpy.compress_numpy(at_most(array, 3)), lambda encoded, array: zfpy.decompress_numpy(encoded)


def pco_codec(level):
    def make():
        from pcodec import ChunkConfig, standalone

        config = ChunkConfig(compression_level=level)
        return (
            lambda array: standalone.simple_compress(array.reshape(-1), config),
            lambda encoded, array: standalone.simple_decompress(encoded),
        )

    return make


def blosc2_codec(filters, level):
    def make():
        import blosc2

        blosc2.set_nthreads(1)
        chain = [getattr(blosc2.Filter, name) for name in filters]

        def encode(array):
            parameters = blosc2.CParams(
                codec=blosc2.Codec.ZSTD,
                clevel=level,
                typesize=array.itemsize,
                filters=[blosc2.Filter.NOFILTER] * (6 - len(chain)) + chain,
                filters_meta=[0] * 6,
                nthreads=1,
            )
            return blosc2.SChunk(
                chunksize=max(array.nbytes, array.itemsize), data=array.reshape(-1), cparams=parameters,
                dparams=blosc2.DParams(nthreads=1),
            ).to_cframe()

        def decode(encoded, array):
            return blosc2.schunk_from_cframe(encoded)[:]

        return encode, decode

    return make


def shuffle_zstd_codec(level):
    def make():
        import zstandard

        def encode(array):
            planes = array.reshape(-1).view(np.uint8).reshape(-1, array.itemsize).T
            return zstandard.ZstdCompressor(level=level).compress(np.ascontiguousarray(planes))

        def decode(encoded, array):
            planes = np.frombuffer(zstandard.ZstdDecompressor().decompress(encoded), np.uint8)
            return np.ascontiguousarray(planes.reshape(array.itemsize, -1).T)

        return encode, decode

    return make


def openzl_codec():
    import openzl.ext as zl

    compressor = zl.Compressor()
    compressor.set_parameter(zl.CParam.FormatVersion, zl.MAX_FORMAT_VERSION)
    compressor.select_starting_graph(zl.graphs.Compress()(compressor))

    def encode(array):
        context = zl.CCtx()
        context.ref_compressor(compressor)
        kind = np.uint32 if array.itemsize == 4 else np.uint64
        return context.compress([zl.Input(zl.Type.Numeric, array.reshape(-1).view(kind))])

    def decode(encoded, array):
        return zl.DCtx().decompress(encoded)[0].content.as_nparray()

    return encode, decode


# Name -> what makes the codec, and the package that it comes in, as pip and as import call it.
CODECS = {
    "fpzip": (fpzip_codec, "fpzip", "fpzip"),
    "zfp reversible": (zfp_codec, "zfpy", "zfpy"),
    "pco 8": (pco_codec(8), "pcodec", "pcodec"),
    "pco 12": (pco_codec(12), "pcodec", "pcodec"),
    "blosc2 shuffle zstd-5": (blosc2_codec(["SHUFFLE"], 5), "blosc2", "blosc2"),
    "blosc2 bytedelta zstd-9": (blosc2_codec(["SHUFFLE", "BYTEDELTA"], 9), "blosc2", "blosc2"),
    "shuffle + zstd -19": (shuffle_zstd_codec(19), "zstandard", "zstandard"),
    "OpenZL generic": (openzl_codec, "openzl", "openzl"),
}


def timed(call, least):
    """Mean CPU seconds of a call, and what the last one returned."""
    calls, start = 0, time.process_time()
    while True:
        result = call()
        calls += 1
        spent = time.process_time() - start
        if spent >= least or calls >= 1000:
            return spent / calls, result


def as_bytes(decoded):
    return np.ascontiguousarray(decoded).tobytes() if isinstance(decoded, np.ndarray) else bytes(decoded)


made, loaded = {}, (None, None)


def measure(request):
    global loaded
    name = request["codec"]
    if name not in made:
        made[name] = CODECS[name][0]()
    encode, decode = made[name]
    if loaded[0] != request["path"]:
        array = np.fromfile(request["path"], request["dtype"]).reshape(request["shape"])
        loaded = (request["path"], array)
    array = loaded[1]
    compress, encoded = timed(lambda: encode(array), request["least"])
    decompress, decoded = timed(lambda: decode(encoded, array), request["least"])
    if as_bytes(decoded) != array.tobytes():
        return {"codec": name, "error": "decoded bytes differ from the original"}
    return {"codec": name, "bytes": len(encoded), "compress": compress, "decompress": decompress}


def version_of(package):
    """The version of an installed package; None where it is missing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def listed():
    """What can be measured here, and what pip would have to install for the rest."""
    missing = {}
    for name, (_, package, module) in CODECS.items():
        absent = [] if np is not None else ["numpy"]
        if importlib.util.find_spec(module) is None:
            absent.append(package)
        if absent:
            missing[name] = " ".join(absent)
    packages = dict.fromkeys(package for _, package, _ in CODECS.values())
    versions = {name: version_of(name) for name in (*packages, "numpy")}
    return {
        "codecs": [name for name in CODECS if name not in missing],
        "missing": missing,
        "versions": {
            "python": sys.version.split()[0],
            **{name: version for name, version in versions.items() if version},
        },
    }


def answer(request):
    if "list" in request:
        return listed()
    try:
        return measure(request)
    except Exception as error:  # a peer that refuses a field is a result, not the end of the bench
        return {"codec": request.get("codec"), "error": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
