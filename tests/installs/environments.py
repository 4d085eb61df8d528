"""Fresh environments with what a user installs, and the `tensorboard` command that lies in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.backend.server import printed_address

ROOT = Path(__file__).resolve().parents[2]
_NOT_SOURCES = (".git", ".venv*", ".*_cache", "*.egg-info", "__pycache__", "node_modules", "build", "dist", "runs")
_START_SECONDS = 120


def plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """The output of a command that must succeed, run where no file of this tree can be imported by accident."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", env=env or plain_environment())
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def copy_tree(folder: Path) -> Path:
    """What is built from, with its bundle: two builds in one tree would write over each other's files."""
    return Path(shutil.copytree(ROOT, folder / "tree", ignore=shutil.ignore_patterns(*_NOT_SOURCES)))


def build_wheel(folder: Path) -> Path:
    """The wheel that this tree gives."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, copy_tree(folder))
    (wheel,) = folder.glob("tb_attribution_plugin-*.whl")
    return wheel


@contextlib.contextmanager
def tensorboard(python: Path, logdir: Path, log: Path) -> Iterator[str]:
    """The address of the `tensorboard --logdir` that lies beside `python`; what it prints is in `log`."""
    command = [python.parent / "tensorboard", "--logdir", logdir, "--host", "127.0.0.1", "--port", "0"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [str(word) for word in command], stdout=output, stderr=output, cwd="/", env=plain_environment()
        )
    try:
        yield printed_address(server, log, _START_SECONDS) + "/"
    finally:
        server.terminate()
        server.wait(timeout=30)


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        return bytes(response.read())
