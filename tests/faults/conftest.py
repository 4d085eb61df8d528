"""TensorBoard's data server, started once; it follows everything that these tests log while it is logged."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import logs
from tests.logging.loaders import DataServer, PythonLoader


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, DataServer]]:
    logdir = tmp_path_factory.mktemp("watched")
    server = DataServer(logdir, runs=0)
    yield logdir, server
    server.close()


@pytest.fixture
def log_dir(watched: tuple[Path, DataServer], request: pytest.FixtureRequest) -> Path:
    """Of this test alone, below the directory that the data server follows."""
    return watched[0] / hashlib.sha1(request.node.nodeid.encode()).hexdigest()[:10]


ReadBack = Callable[..., dict[int, list[bytes]]]


@pytest.fixture
def read_back(watched: tuple[Path, DataServer]) -> ReadBack:
    """Step -> elements of one series, as our reader and both loaders agree.

    lost: files are gone that the data server has read, and may still show.
    """

    def read(
        log_dir: Path, tag: str = logs.TAG, name: str = "attribution", *, lost: bool = False
    ) -> dict[int, list[bytes]]:
        logdir, server = watched
        expected = logs.by_our_reader(log_dir / name, tag)
        run = str(log_dir.relative_to(logdir) / name)
        logs.eventually(lambda: logs.agrees(server, run, expected, tag, more=lost))
        logs.agrees(PythonLoader(log_dir), name, expected, tag)
        return expected

    return read


@pytest.fixture
def warned() -> Iterator[Callable[[], list[str]]]:
    """What this package has warned of so far, each as often as it did."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield lambda: [str(one.message) for one in seen if one.category.__module__.startswith("tb_attribution_plugin")]
