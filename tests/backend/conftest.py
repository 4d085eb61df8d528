from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend import logs
from tests.backend.server import Server


@pytest.fixture(scope="session", params=["true", "false"], ids=["data_server", "python_loader"])
def load_fast(request: pytest.FixtureRequest) -> str:
    """Both of TensorBoard's loaders."""
    return str(request.param)


@pytest.fixture(scope="session")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs")
    logs.write_logdir(path)
    return path


@pytest.fixture(scope="session")
def server(load_fast: str, logdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(logdir, load_fast, log=tmp_path_factory.mktemp("server") / "log.txt")
    try:
        running.wait_for(lambda index: len(index.get("runs", [])) == 3 and len(index.get("other_runs", [])) == 1)
        running.wait_for(lambda index: all(len(one["steps"]) == 12 for run in index["runs"] for one in run["series"]))
        yield running
    finally:
        running.stop()
