"""Archives through zarr-python and xarray: folder, zip, HTTP; shards, edges, joint arrays, damage."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
import zarr
from conftest import ARCHIVES, FROZEN, ROOT, Compress
from zarr.storage import ZipStore

import fieldzip
from fieldzip import FieldzipCodec, FieldzipError
from fieldzip.codec import cache

WINDS = "netcdf/navy_winds_6months.cdf"


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def sharded(compress: Compress) -> Path:
    """6 x 73 x 144 in chunks that fit nowhere, many to a shard."""
    return compress(WINDS, "winds.zarr", "--chunk-values", "1000")


@pytest.fixture(scope="module")
def original() -> xarray.Dataset:
    return xarray.load_dataset(ROOT / "fixtures" / WINDS, mask_and_scale=False, decode_times=False)


def raw(path: Path, name: str) -> Any:
    found = zarr.open_group(path, mode="r")[name]
    assert isinstance(found, zarr.Array)
    return found


def same_bits(found: Any, expected: Any) -> bool:
    left, right = np.asarray(found), np.asarray(expected)
    return (left.shape, left.dtype.newbyteorder("=")) == (
        right.shape,
        right.dtype.newbyteorder("="),
    ) and left.astype(left.dtype.newbyteorder("=")).tobytes() == right.astype(
        right.dtype.newbyteorder("=")
    ).tobytes()


def test_the_codec_registers_itself(sharded: Path) -> None:
    script = (
        "import sys, warnings, xarray\n"
        "warnings.simplefilter('ignore')\n"
        "data = xarray.open_zarr(sys.argv[1], chunks=None)\n"
        "assert 'fieldzip' in sys.modules\n"
        "print(float(data.UWND.sum()))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(sharded)], check=True, timeout=120)


def test_shards_and_edges(sharded: Path, original: xarray.Dataset) -> None:
    array = raw(sharded, "UWND")
    assert array.shards is not None
    assert any(size % chunk for size, chunk in zip(array.shape, array.chunks, strict=True))
    assert any(size % shard for size, shard in zip(array.shape, array.shards, strict=True))
    expected = original.UWND.values
    assert same_bits(array[...], expected)
    assert same_bits(array[-1, -1, -1], expected[-1, -1, -1])
    assert same_bits(array[1:5:3, 70:, 3::7], expected[1:5:3, 70:, 3::7])
    assert same_bits(array.oindex[[0, 5], slice(60, 73), [143, 0, 7]], expected[[0, 5], 60:73][:, :, [143, 0, 7]])
    mask = np.zeros(73, bool)
    mask[[0, 72]] = True
    assert same_bits(array.oindex[:, mask, 3], expected[:, mask, 3])
    assert same_bits(array.vindex[[0, 5, 5], [72, 72, 0], [143, 0, 1]], expected[[0, 5, 5], [72, 72, 0], [143, 0, 1]])
    assert array[2:2].shape == (0, 73, 144)


def test_any_box(sharded: Path, original: xarray.Dataset) -> None:
    array, expected = raw(sharded, "VWND"), original.VWND.values
    random = np.random.default_rng(1)
    for _ in range(40):
        box = []
        for size in array.shape:
            low, high = sorted(random.integers(0, size + 1, 2))
            box.append(slice(int(low), int(high), int(random.integers(1, 4))))
        assert same_bits(array[tuple(box)], expected[tuple(box)]), box


@pytest.mark.parametrize("entry", ARCHIVES, ids=lambda entry: entry["file"])
def test_frozen_archive(entry: dict[str, Any]) -> None:
    found = fieldzip.open(FROZEN / entry["file"], mask_and_scale=False, decode_times=False)
    source = ROOT / entry["original"]
    if source.is_dir():
        table = (source / "dbl.out").read_text().split()
        assert len(table) > 6
        for name in table[6:]:
            values = np.fromfile(source / f"{name}.0001.dbl", ">f8").astype("f8")
            values = values.reshape(found[name].shape)
            if "guarantee" in entry:
                bound = entry["guarantee"]["bound"] * float(np.ptp(values))
                assert np.abs(found[name].values - values).max() <= bound
            else:
                assert same_bits(found[name], values)
        return
    expected = xarray.open_dataset(source, mask_and_scale=False, decode_times=False)
    assert set(found.variables) == set(expected.variables)
    for name, variable in expected.variables.items():
        assert found[name].dims == variable.dims
        assert found[name].variable.attrs.keys() == variable.attrs.keys()
        assert same_bits(found[name], variable)


@pytest.mark.parametrize(
    "path",
    [
        WINDS,
        "netcdf/wrf_tip_d2.nc",
        "netcdf/tos_cesm2fv2_192x200.nc",
        "netcdf/oisst_packed_180x300.nc",
        "netcdf/o3_AERmon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001.nc",
    ],
)
@pytest.mark.parametrize("joint", ["never", "always"])
def test_open_gives_what_xarray_gives_of_the_original(
    compress: Compress, path: str, joint: str
) -> None:
    with (
        xarray.open_dataset(ROOT / "fixtures" / path) as expected,
        fieldzip.open(compress(path, "run.zarr", "--joint", joint)) as found,
    ):
        xarray.testing.assert_identical(found.load(), expected.load())
        assert found.encoding["unlimited_dims"] == expected.encoding["unlimited_dims"]


def test_joint_arrays_as_stored_and_as_single_variables(unpack: Callable[[str], Path]) -> None:
    path = unpack("kelvin-helmholtz-joint.zarr.zip")
    stored = xarray.open_zarr(path, chunks=None)
    assert list(stored.joint_0_variable.values) == ["rho", "vx1", "prs"]
    single = fieldzip.open(path)
    assert "joint_0" not in single.variables
    for place, name in enumerate(["rho", "vx1", "prs"]):
        axis = stored.joint_0.dims.index("joint_0_variable")
        assert same_bits(single[name], stored.joint_0.values.take(place, axis))
    point = single.prs.isel(step=0, z=3, y=slice(2, 9, 3), x=[1, 0, 27])
    assert same_bits(point, single.prs.values[0, 3, 2:9:3][:, [1, 0, 27]])


def test_one_decoding_serves_all_members(
    unpack: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0
    inner = fieldzip.decoder.decode_stream

    def counted(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return inner(*arguments)

    monkeypatch.setattr("fieldzip.codec.decode_stream", counted)
    path = unpack("kelvin-helmholtz-joint.zarr.zip")
    chunks = raw(path, "joint_0").nchunks
    found = fieldzip.open(path)
    for name in ("rho", "vx1", "prs"):
        found[name].load()
    assert count == chunks


def test_a_folder_a_zip_and_http_are_the_same(
    sharded: Path, compress: Compress, serve: Callable[[Path], str]
) -> None:
    zipped = compress(WINDS, "winds.zarr.zip", "--chunk-values", "1000")
    expected = fieldzip.open(sharded).load()
    for location in (zipped, f"{serve(sharded.parent)}/winds.zarr"):
        xarray.testing.assert_identical(fieldzip.open(location).load(), expected)
    url = f"{serve(zipped.parent)}/winds.zarr.zip"
    xarray.testing.assert_identical(fieldzip.open(url).load(), expected)
    native = xarray.open_zarr(f"{serve(sharded.parent)}/winds.zarr", chunks=None)
    assert same_bits(native.UWND, expected.UWND)
    with ZipStore(zipped, mode="r") as store:
        assert same_bits(xarray.open_zarr(store, chunks=None).UWND, expected.UWND)


def test_chunks_decode_at_the_same_time(
    sharded: Path, original: xarray.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read of a zarr array: the first chunk waits in the decoder until another one is there, too."""
    inner = fieldzip.decoder._Instance.decode
    meeting = threading.Barrier(2)
    met = threading.Event()

    def decode(*arguments: Any) -> Any:
        if not met.is_set():
            meeting.wait(timeout=60)
            met.set()
        return inner(*arguments)

    monkeypatch.setattr("fieldzip.decoder._Instance.decode", decode)
    assert same_bits(raw(sharded, "UWND")[...], original.UWND.values)
    assert met.is_set()


def test_groups(compress: Compress) -> None:
    path = compress("hdf5/rrmhd_turb_40x40x40.h5", "turb.zarr")
    fields = fieldzip.open(path, group="fields")
    assert {"rho", "Bx1", "Ex3"} <= set(fields.variables)
    tree = xarray.open_datatree(path, engine="fieldzip")
    assert same_bits(tree["fields/rho"], raw(path, "fields/rho")[...])
    assert "edges_x" in fieldzip.open(path, drop_variables="edges_y").variables
    with pytest.raises(FieldzipError, match="a group out of '', 'fields' expected, 'nothing'"):
        fieldzip.open(path, group="nothing")


def damage(path: Path, key: str, offset: int) -> None:
    data = bytearray((path / key).read_bytes())
    data[offset] ^= 0x10
    (path / key).write_bytes(data)


def test_damage_is_named(sharded: Path, original: xarray.Dataset, tmp_path: Path) -> None:
    path = shutil.copytree(sharded, tmp_path / "run.zarr")
    damage(path, "UWND/c/0/0/0", 150)
    array = raw(path, "UWND")
    place = r"chunk \[0,0,0\] of shard file://.*run\.zarr/UWND/c/0/0/0"
    for selection in (..., (0, 0, 0)):
        with pytest.raises(FieldzipError, match=place) as caught:
            array[selection]
        assert caught.value.tag == "checksum"
    # The others stay readable, also those of the same shard.
    assert same_bits(array[-1, -1], original.UWND.values[-1, -1])
    low = array.chunks
    assert same_bits(
        array[: low[0], low[1] : 2 * low[1]], original.UWND.values[: low[0], low[1] : 2 * low[1]]
    )


def test_damage_of_a_chunk_that_is_an_object(
    unpack: Callable[[str], Path],
) -> None:
    path = unpack("wrf_tip_d2.zarr.zip")
    array = raw(path, "XLAT")
    assert array.shards is None
    damage(path, "XLAT/c/0/0", 200)
    with pytest.raises(FieldzipError, match=r"chunk file://.*XLAT/c/0/0.*checksum"):
        array[...]
    (path / "XLAT/c/0/0").unlink()
    with pytest.raises(FieldzipError, match=r"XLAT/c/0/0: a stored chunk expected, none found"):
        array[...]


def test_a_missing_object_is_an_error_where_zarr_can_tell(sharded: Path, tmp_path: Path) -> None:
    path = shutil.copytree(sharded, tmp_path / "run.zarr")
    (path / "UWND/c/0/0/0").unlink()
    found = fieldzip.open(path, mask_and_scale=False)
    if "read_missing_chunks" in zarr.config.get("array"):
        with pytest.raises(Exception, match=r"not found in store .*UWND'(.|\n)*c/0/0/0"):
            found.UWND.load()
    else:
        # Documented: this zarr asks nobody.
        assert float(found.UWND[0, 0, 0]) == 0


def test_a_stream_of_another_chunk_is_refused(unpack: Callable[[str], Path]) -> None:
    path = unpack("wrf_tip_d2.zarr.zip")
    shutil.copy(FROZEN / "wave-2d-32.fzs", path / "XLAT/c/0/0")
    with pytest.raises(FieldzipError, match="reaches"):
        raw(path, "XLAT")[...]
    shutil.copy(FROZEN / "wave-2d-64.fzs", path / "XLAT/c/0/0")
    with pytest.raises(FieldzipError, match="float32 of shape 180 x 270.*float64 of shape 37 x 53"):
        raw(path, "XLAT")[0]
    shutil.copy(FROZEN / "wave-3d-32.fzs", path / "XLAT/c/0/0")
    with pytest.raises(FieldzipError, match="7 x 11 x 19 found"):
        raw(path, "XLAT")[0]


def test_an_archive_that_is_too_new_or_none(unpack: Callable[[str], Path], tmp_path: Path) -> None:
    path = unpack("wrf_tip_d2.zarr.zip")
    root = json.loads((path / "zarr.json").read_text())
    root["attributes"]["fieldzip"]["version"] = 2
    (path / "zarr.json").write_text(json.dumps(root))
    with pytest.raises(FieldzipError, match="archive version 1 or older expected, 2 found") as caught:
        fieldzip.open(path)
    assert caught.value.tag == "unsupported"
    zarr.create_group(tmp_path / "other.zarr")
    with pytest.raises(FieldzipError, match="a fieldzip archive expected"):
        fieldzip.open(tmp_path / "other.zarr")
    with pytest.raises(FieldzipError, match="no such archive"):
        fieldzip.open(tmp_path / "nothing.zarr")
    with pytest.raises(FieldzipError, match="a path, a URL or a zarr store expected, int found"):
        fieldzip.open(3)


def test_writing_says_how_to(unpack: Callable[[str], Path], tmp_path: Path) -> None:
    found = fieldzip.open(unpack("wrf_tip_d2.zarr.zip"))[["T2"]]
    array = zarr.create_array(
        tmp_path / "new.zarr", shape=(4,), dtype="float32", serializer=FieldzipCodec(), compressors=None
    )
    with pytest.raises(FieldzipError, match="fieldzip compress INPUT"):
        array[:] = 1
    with pytest.raises(FieldzipError, match="float32 or float64 expected, int16 found"):
        zarr.create_array(
            tmp_path / "i.zarr", shape=(4,), dtype="int16", serializer=FieldzipCodec(), compressors=None
        )
    found.drop_encoding().to_zarr(tmp_path / "copy.zarr", consolidated=False)
    assert same_bits(xarray.open_zarr(tmp_path / "copy.zarr", consolidated=False).T2, found.T2)


def test_the_codec_keeps_its_configuration() -> None:
    data = {"name": "fieldzip", "configuration": {"predictor": "auto", "later": [1]}}
    codec = FieldzipCodec.from_dict(data)
    assert codec.to_dict() == data
    assert pickle.loads(pickle.dumps(codec)) == codec
    assert hash(codec) == hash(FieldzipCodec())
    assert FieldzipCodec.from_dict({"name": "fieldzip"}).to_dict()["configuration"] == {}


def test_the_cache_is_bounded(sharded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = raw(sharded, "UWND")
    chunk = int(np.prod(array.chunks)) * 4
    monkeypatch.setattr(cache, "limit", 3 * chunk)
    for y in range(73):
        array[:, y, 5]
        assert cache._total <= 3 * chunk
        assert cache._total == sum(values.nbytes for values in cache._entries.values())
    monkeypatch.setattr(cache, "limit", 0)
    array[0, 0, 0]
    array[5, 72, 143]
    assert len(cache._entries) == 1
    # Whole chunks are not kept: nobody comes back for the rest.
    cache.clear()
    array[...]
    assert not cache._entries


def test_nobody_writes_into_what_is_kept(sharded: Path, original: xarray.Dataset) -> None:
    array = raw(sharded, "UWND")
    for _ in range(2):
        part = array[0, :3, :5]
        assert same_bits(part, original.UWND.values[0, :3, :5])
        part[...] = 0


def test_types_are_right() -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml"]
    result = subprocess.run(
        command, cwd=ROOT / "packages/python", capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stdout
