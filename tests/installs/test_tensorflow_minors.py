"""`pip install 'tb-attribution-plugin[train]'` beside every TensorFlow that the metadata claims: a fit, then the tab.

uv installs here: it resolves to the newest versions as pip does, but unpacks a wheel once for all environments.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement

from tests.installs.environments import ROOT, get, run, tensorboard

pytestmark = pytest.mark.installs

_REQUIREMENTS = map(Requirement, metadata.requires("tb-attribution-plugin") or [])
_CLAIMED = next(one.specifier for one in _REQUIREMENTS if one.name == "tensorflow")
MINORS = [minor for minor in (f"2.{number}" for number in range(100)) if _CLAIMED.contains(f"{minor}.0")]


class Installed(NamedTuple):
    minor: str
    python: Path
    logdir: Path
    maps: dict[int, Any]  # step -> the probe's maps, as the fit read them back


def within_time(url: str, holds: Any) -> Any:
    """The JSON at `url` once it is as wanted: TensorBoard reads event files in the background."""
    deadline = time.monotonic() + 60
    while not holds(found := json.loads(get(url))):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module", params=MINORS)
def installed(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    """A fresh environment, and what a fit in it has logged."""
    if sys.version_info >= (3, 13) and request.param in ("2.18", "2.19"):
        pytest.skip(f"TensorFlow {request.param} has no wheel for Python {sys.version_info[0]}.{sys.version_info[1]}")
    folder = tmp_path_factory.mktemp(f"tensorflow-{request.param}")
    python = folder / "environment" / "bin" / "python"
    uv = (ROOT / ".ci" / "uv", sys.executable)
    try:
        run(*uv, "venv", "--quiet", "--python", sys.executable, folder / "environment")
        asked = (f"{wheel}[train]", f"tensorflow=={request.param}.*")
        run(*uv, "pip", "install", "--quiet", "--python", python, *asked)
        printed = run(python, ROOT / "tests" / "e2e" / "fit.py", folder / "runs")
        maps = {int(step): scores for step, scores in json.loads(printed.splitlines()[-1])["maps"].items()}
        yield Installed(request.param, python, folder / "runs", maps)
    finally:
        shutil.rmtree(folder / "environment", ignore_errors=True)  # 2 GB


def test_the_tab_shows_the_fit(installed: Installed, wheel: Path, tmp_path: Path) -> None:
    script = "from importlib.metadata import version as v; print(v('tensorflow'), v('tensorboard'))"
    assert [version.rsplit(".", 1)[0] for version in run(installed.python, "-c", script).split()] == [
        installed.minor
    ] * 2
    with tensorboard(installed.python, installed.logdir, tmp_path / "log.txt") as address:
        assert "TensorFlow installation not found" not in (tmp_path / "log.txt").read_text()
        listing = within_time(f"{address}data/plugins_listing", lambda found: found["attribution"]["enabled"])
        assert listing["attribution"]["loading_mechanism"]["module_path"] == "/data/plugin/attribution/static/index.js"
        with zipfile.ZipFile(wheel) as archive:
            page = archive.read("tb_attribution_plugin/static/index.js")
        assert get(f"{address}data/plugin/attribution/static/index.js") == page
        routes = f"{address}data/plugin/attribution"
        (run_listed,) = within_time(f"{routes}/index", lambda found: found.get("runs"))["runs"]
        steps = {series["maps"]["tag"]: series["steps"] for series in run_listed["series"]}
    assert run_listed["run"] == "fit/attribution"
    assert steps == dict.fromkeys(("grad_cam", "integrated_gradients"), sorted(installed.maps))
