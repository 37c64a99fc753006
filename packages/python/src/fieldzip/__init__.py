"""Read fieldzip archives from Python: every bit is that which was compressed.

Where this package is installed, zarr-python and xarray read archives without further ado:

    xarray.open_zarr("run.zarr")
    zarr.open_group("https://example.org/run.zarr")["rho"][3, 10:20]

`open` presents an archive as the dataset that was compressed (joint variables single again, attributes with their
types, text as text), from a folder, a .zip or a URL. `decode` decodes the bytes of one chunk.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .codec import FieldzipCodec
from .decoder import FloatArray, decode_stream
from .errors import FieldzipError
from .header import StreamHeader, read_header

if TYPE_CHECKING:
    import xarray

__version__ = version("fieldzip")
__all__ = ["FieldzipCodec", "FieldzipError", "StreamHeader", "decode", "open", "read_header"]


def decode(stream: bytes, *, where: str = "stream") -> FloatArray:
    """The values of one stream (`spec/stream.md`), in the shape that it holds.

    Raises FieldzipError, naming `where`, for anything but a whole, undamaged stream of a version that this release
    reads. Values are at most 256 MiB.
    """
    return decode_stream(stream, read_header(stream, where), where)


def open(location: Any, **options: Any) -> xarray.Dataset:
    """Opens an archive as an xarray.Dataset; values are read when they are used, only the chunks that they touch.

    `location` is a path or URL of a folder or .zip, or a zarr store. Options are those of `xarray.open_dataset`
    (`chunks={}` for dask, `mask_and_scale=False` for the stored bits, …) and `group` and `storage_options` (of
    fsspec) of ours. The same is `xarray.open_dataset(location, engine="fieldzip")`. Needs xarray.
    """
    import xarray

    from .backend import FieldzipBackend

    return xarray.open_dataset(location, engine=FieldzipBackend, **options)
