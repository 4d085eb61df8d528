"""`pip install` of the wheel alone, as on a machine where only TensorBoard runs."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installs.environments import get, run, tensorboard

pytestmark = pytest.mark.installs


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment into which only the wheel was installed, by what every user has: pip."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", wheel)
    return python


@pytest.fixture(scope="module")
def address(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """TensorBoard on an empty folder."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "empty").mkdir()
    with tensorboard(installed, folder / "empty", folder / "log.txt") as address:
        yield address


def test_tensorboard_lists_the_plugin_where_tensorflow_is_absent(installed: Path, address: str):
    script = "from importlib.util import find_spec as find; print(find('tensorflow'), find('keras'))"
    assert run(installed, "-c", script).split() == ["None", "None"]
    listing = json.loads(get(f"{address}data/plugins_listing"))
    assert listing["attribution"]["enabled"] is False  # there is no data yet
    assert listing["attribution"]["loading_mechanism"] == {
        "type": "IFRAME",
        "module_path": "/data/plugin/attribution/static/index.js",
    }


def test_the_served_page_is_the_one_in_the_wheel(wheel: Path, address: str):
    with zipfile.ZipFile(wheel) as archive:
        page = archive.read("tb_attribution_plugin/static/index.js")
    assert get(f"{address}data/plugin/attribution/static/index.js") == page
