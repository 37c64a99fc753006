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

A codec is a function that returns (encode, decode) or (encode, decode, prepare): `prepare(array)` chooses,
outside of the times, how the array is handed to `encode`, as somebody would who knows the codec well.
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

    def encode(array):
        return fpzip.compress(array, precision=0, order="C")

    def decode(encoded, array):
        return fpzip.decompress(encoded, order="C")

    def prepare(array):
        # The axes as they are, or the slowest ones merged: whichever is smallest.
        ways = {way.shape: way for way in (at_most(array, rank) for rank in (4, 3, 2))}
        return min(ways.values(), key=lambda way: len(encode(way)))

    return encode, decode, prepare


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
            return zstandard.ZstdCompressor(level=level).compress(shuffled(array))

        def decode(encoded, array):
            return unshuffled(zstandard.ZstdDecompressor().decompress(encoded), array)

        return encode, decode

    return make


def shuffled(array):
    """The bytes of all values by significance: all first bytes, then all second ones, and so on."""
    return np.ascontiguousarray(array.reshape(-1).view(np.uint8).reshape(-1, array.itemsize).T)


def unshuffled(planes, array):
    return np.ascontiguousarray(np.frombuffer(planes, np.uint8).reshape(array.itemsize, -1).T)


def shuffle_xz_codec():
    import lzma

    return (
        lambda array: lzma.compress(shuffled(array).tobytes(), preset=6, check=lzma.CHECK_CRC32),
        lambda encoded, array: unshuffled(lzma.decompress(encoded), array),
    )


def shuffle_gzip_codec():
    import gzip

    return (
        lambda array: gzip.compress(shuffled(array).tobytes(), compresslevel=9),
        lambda encoded, array: unshuffled(gzip.decompress(encoded), array),
    )


def hdf5_codec(options):
    """One chunk that holds the whole field, through the HDF5 library and a file in memory."""

    def make():
        import h5py

        filters = options()

        def encode(array):
            with h5py.File("encode", "w", driver="core", backing_store=False) as file:
                stored = file.create_dataset("v", data=array, chunks=array.shape, **filters)
                file.flush()
                return stored.id.read_direct_chunk((0,) * array.ndim)[1]

        def decode(encoded, array):
            with h5py.File("decode", "w", driver="core", backing_store=False) as file:
                stored = file.create_dataset("v", array.shape, array.dtype, chunks=array.shape, **filters)
                stored.id.write_direct_chunk((0,) * array.ndim, encoded)
                return stored[...]

        return encode, decode

    return make


def bitshuffle_options():
    import hdf5plugin

    return dict(hdf5plugin.Bitshuffle(cname="zstd", clevel=5))


def libaec_codec():
    from imagecodecs import aec_decode, aec_encode

    # The coder of HDF5's szip, which limits a scanline to a row. It takes samples of 32 bits at most: float64 as bytes.
    def samples(array):
        if array.itemsize == 4:
            return array.reshape(-1).view(np.uint32), 32
        return shuffled(array).reshape(-1), 8

    def encode(array):
        values, bits = samples(array)
        return aec_encode(values, bitspersample=bits, blocksize=16, rsi=128)

    def decode(encoded, array):
        bits = 32 if array.itemsize == 4 else 8
        # Whole blocks of 16 samples come back.
        decoded = aec_decode(encoded, bitspersample=bits, blocksize=16, rsi=128, out=array.nbytes + 64)[: array.nbytes]
        return decoded if bits == 32 else unshuffled(decoded, array)

    return encode, decode


def jpegxl_codec():
    from imagecodecs import jpegxl_decode, jpegxl_encode

    def encode(array):
        if array.itemsize != 4:
            raise ValueError("JPEG XL has no float64")
        image = at_most(array, 2)
        return jpegxl_encode(image.reshape(-1, image.shape[-1]), lossless=True, effort=3, numthreads=1)

    return encode, lambda encoded, array: jpegxl_decode(encoded, numthreads=1)


def lerc_codec():
    from imagecodecs import lerc_decode, lerc_encode

    # Version 6 of its format is the first with lossless floats.
    return (
        lambda array: lerc_encode(at_most(array, 2), level=0, version=6),
        lambda encoded, array: lerc_decode(encoded),
    )


def lc_codec():
    # numcodecs reads the version of zfpy as numbers, and fails on 1.0.1.post0.
    version = importlib.metadata.version
    importlib.metadata.version = lambda name: version(name).split(".post")[0]
    try:
        from numcodecs_wasm_lc import Lc
    finally:
        importlib.metadata.version = version

    def pipeline(*components):
        return Lc(components=[{"id": name, "size": size} for name, size in components])

    # SPratio, and DPratio without its first stage, FCM, which this build lacks. It is WebAssembly, which LC itself
    # is not: trust the ratio, not the speed.
    single = pipeline(("DIFFMS", 4), ("BIT", 4), ("RZE", 1))
    double = pipeline(("DIFFMS", 8), ("RAZE", 8), ("RARE", 8))

    def chosen(array):
        return single if array.itemsize == 4 else double

    return (
        lambda array: bytes(chosen(array).encode(array.reshape(-1))),
        lambda encoded, array: chosen(array).decode(np.frombuffer(encoded, np.uint8)),
    )


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
    "blosc2 bitshuffle zstd-9": (blosc2_codec(["BITSHUFFLE"], 9), "blosc2", "blosc2"),
    "shuffle + zstd -19": (shuffle_zstd_codec(19), "zstandard", "zstandard"),
    "shuffle + xz -6": (shuffle_xz_codec, "python", "lzma"),
    "shuffle + gzip -9": (shuffle_gzip_codec, "python", "gzip"),
    "OpenZL generic": (openzl_codec, "openzl", "openzl"),
    "HDF5 bitshuffle zstd-5": (hdf5_codec(bitshuffle_options), "hdf5plugin", "hdf5plugin"),
    "HDF5 szip": (hdf5_codec(lambda: {"compression": "szip", "compression_opts": ("nn", 32)}), "h5py", "h5py"),
    "libaec": (libaec_codec, "imagecodecs", "imagecodecs"),
    "JPEG XL e3": (jpegxl_codec, "imagecodecs", "imagecodecs"),
    "LERC 6": (lerc_codec, "imagecodecs", "imagecodecs"),
    "LC ratio": (lc_codec, "numcodecs-wasm-lc", "numcodecs_wasm_lc"),
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


made, prepared, loaded = {}, {}, (None, None)


def measure(request):
    global loaded
    name = request["codec"]
    if name not in made:
        made[name] = CODECS[name][0]()
    encode, decode, *prepare = made[name]
    if loaded[0] != request["path"]:
        array = np.fromfile(request["path"], request["dtype"]).reshape(request["shape"])
        loaded = (request["path"], array)
    array = loaded[1]
    if prepared.get(name, (None,))[0] is not array:
        prepared[name] = (array, prepare[0](array) if prepare else array)
    given = prepared[name][1]
    compress, encoded = timed(lambda: encode(given), request["least"])
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

# Not by the interpreter's own end: one peer's binding then prints a page about objects that it leaked.
sys.stdout.flush()
os._exit(0)
