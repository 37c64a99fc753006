"""What the tests share: the repository, the built command, archives made with it, a web server with ranges."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FROZEN = ROOT / "fixtures/frozen/v1"
MANIFEST: list[dict[str, Any]] = json.loads((FROZEN / "manifest.json").read_text())
STREAMS = [entry for entry in MANIFEST if "sha256" in entry]
ARCHIVES = [entry for entry in MANIFEST if "original" in entry]
NODE = os.environ.get("FIELDZIP_NODE") or shutil.which("node") or "node"

Compress = Callable[..., Path]


@pytest.fixture(scope="session")
def compress(tmp_path_factory: pytest.TempPathFactory) -> Compress:
    """Runs the built `fieldzip compress` on a fixture: `compress("netcdf/x.nc", "x.zarr", "--joint", "always")`."""

    def run(original: str, name: str, *flags: str) -> Path:
        target = tmp_path_factory.mktemp("archive") / name
        command = [NODE, str(ROOT / "packages/cli/dist/bin.js"), "compress"]
        source = str(ROOT / "fixtures" / original)
        subprocess.run([*command, source, str(target), "--quiet", *flags], check=True)
        return target

    return run


@pytest.fixture(scope="session")
def run_node() -> Callable[..., Any]:
    """Runs a script beside the tests; what it printed, as JSON."""

    def run(script: str, *arguments: str) -> Any:
        command = [NODE, str(Path(__file__).parent / script), *arguments]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    return run


@pytest.fixture
def unpack(tmp_path: Path) -> Callable[[str], Path]:
    """A frozen .zip as a folder."""

    def run(name: str) -> Path:
        target = tmp_path / name.removesuffix(".zip")
        with zipfile.ZipFile(FROZEN / name) as archive:
            archive.extractall(target)
        return target

    return run


class _RangeHandler(SimpleHTTPRequestHandler):
    """Files with single byte ranges, which Python's own server does not answer."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        asked = self.headers.get("Range")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        start, end = 0, len(data)
        if asked:
            low, _, high = asked.removeprefix("bytes=").partition("-")
            start = len(data) - int(high) if low == "" else int(low)
            end = len(data) if low == "" or high == "" else min(len(data), int(high) + 1)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.wfile.write(data[start:end])


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a folder on loopback; gives its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        handler = partial(_RangeHandler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
