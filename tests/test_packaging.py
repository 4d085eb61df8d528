"""What is shipped: the page is current, and the wheel and the sdist hold it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from tests.installs.environments import build_wheel, copy_tree, plain_environment, run
from tests.versions import KERAS

ROOT = Path(__file__).resolve().parents[1]


def load_setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_under_test", ROOT / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packaging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """setup.py as a module, its paths pointed at a small tree with a current bundle."""
    module = load_setup()
    for name, content in {
        "frontend/package.json": "{}",
        "frontend/src/index.ts": "one",
        "frontend/test/index.test.ts": "a test",
        "frontend/node_modules/.package-lock.json": "{}",
        "static/index.js": "built from one",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(module, "FRONTEND", tmp_path / "frontend")
    monkeypatch.setattr(module, "STATIC", tmp_path / "static")
    monkeypatch.setattr(module, "STAMP", tmp_path / "static" / "bundle.json")
    module.STAMP.write_text(json.dumps(module.stamp()))
    return module


def test_a_bundle_is_current_whatever_the_clock_says(packaging: ModuleType):
    os.utime(packaging.FRONTEND / "src" / "index.ts")
    (packaging.FRONTEND / "test" / "index.test.ts").write_text("another test")
    assert packaging.stale() is None


def test_a_bundle_is_stale_when_its_sources_changed(packaging: ModuleType):
    (packaging.FRONTEND / "src" / "index.ts").write_text("two")
    assert packaging.stale() == "the sources changed since the last build"


def test_a_bundle_is_stale_when_a_source_was_added(packaging: ModuleType):
    (packaging.FRONTEND / "src" / "more.ts").write_text("")
    assert packaging.stale() == "the sources changed since the last build"


def test_a_bundle_is_stale_when_it_was_changed_itself(packaging: ModuleType):
    (packaging.STATIC / "index.js").write_text("built by hand")
    assert packaging.stale() == "the bundle changed since the last build"


def test_a_missing_bundle_is_stale(packaging: ModuleType):
    (packaging.STATIC / "index.js").unlink()
    assert packaging.stale() == f"{packaging.STATIC / 'index.js'} is missing"


def test_without_node_the_message_says_what_where_and_the_way_out(
    packaging: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit) as stopped:
        packaging.npm("ci", why="index.js is missing")
    message = str(stopped.value)
    for fact in ("npm was not found", "index.js is missing", "Node.js 20", str(ROOT / "frontend"), "wheel on PyPI"):
        assert fact in message


def test_a_current_bundle_needs_no_node(packaging: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(packaging, "npm", lambda *_, **__: pytest.fail("npm was called for a current bundle"))
    packaging.Bundle.run(object.__new__(packaging.Bundle))
    assert packaging.stale() is None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that this tree gives."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.mark.once
def test_the_wheel_holds_the_page_the_contract_and_the_types(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    static = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tb_attribution_plugin" / "static").rglob("*")
        if path.is_file()
    }
    assert "tb_attribution_plugin/static/index.js" in static
    assert static <= names
    code = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.pyi", "*.proto", "py.typed", "page.*")
        for path in (ROOT / "tb_attribution_plugin").rglob(pattern)
        if path.suffix != ".pyc"
    }
    assert code <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"tb_attribution_plugin"}


@pytest.mark.once
def test_the_wheel_registers_the_plugin_and_asks_for_no_tensorflow(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        info = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}
    assert info["entry_points.txt"].split() == [
        "[console_scripts]", "tb-attribution", "=", "tb_attribution_plugin.cli.main:main",
        "[tensorboard_plugins]", "attribution", "=", "tb_attribution_plugin.backend.loader:Loader",
    ]  # fmt: skip
    required = [line for line in info["METADATA"].splitlines() if line.startswith("Requires-Dist:")]
    base = [line.removeprefix("Requires-Dist: ") for line in required if "extra ==" not in line]
    assert sorted(base) == [
        "crc32c>=2.3", "isal>=1.7", "numpy>=1.26", "pillow>=10.1", "protobuf<8,>=4.21.6", "setuptools<82,>=66.1",
        "tensorboard<2.22,>=2.18",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", folder, copy_tree(folder))
    (built,) = folder.glob("*.tar.gz")
    return built


def test_the_lock_lists_the_packages_of_every_platform():
    """`npm ci` refuses a lock without them, and npm leaves out what the registry at hand did not serve."""
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    optional = [name for package in packages.values() for name in package.get("optionalDependencies", {})]
    assert [name for name in optional if f"node_modules/{name}" not in packages] == []


@pytest.mark.once
def test_the_sdist_holds_all_that_the_page_is_built_from(sdist: Path):
    packaging = load_setup()
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {file.relative_to(ROOT).as_posix() for file in packaging.sources()} <= names
    assert {"frontend/package.json", "frontend/package-lock.json", "LICENSE"} <= names
    assert [name for name in names if "node_modules" in name] == []


@pytest.mark.once
def test_the_sdist_installs_without_node_because_its_bundle_is_current(sdist: Path, tmp_path: Path):
    environment = plain_environment() | {"PATH": ""}
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, sdist, env=environment)
    (built,) = tmp_path.glob("*.whl")
    assert "tb_attribution_plugin/static/index.js" in zipfile.ZipFile(built).namelist()


def test_the_check_of_the_oldest_stack_names_what_is_newer_than_claimed():
    done = subprocess.run([sys.executable, ROOT / ".ci" / "lowest.py"], capture_output=True, text=True, check=False)
    if KERAS == (3, 5) or sys.version_info >= (3, 13):
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == 1
        assert f"keras {metadata.version('keras')}, but pyproject.toml claims 3.5;" in done.stderr


def test_the_suites_of_make_test_are_all_there():
    # A -m on the command line replaces that of pyproject.toml.
    (of_the_suite,) = re.findall(r"addopts = .* -m '(.+)'", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    planned = run("make", "--dry-run", "--directory", ROOT, "suites")
    for command in (
        ".venv/bin/python -m pytest tests/methods tests/oracle\n",
        ".venv/bin/python -m pytest --ignore tests/methods --ignore tests/oracle\n",
        f".venv-oldest/bin/python -m pytest -m '{of_the_suite} and not once' --ignore tests/integrations\n",
        ".venv/bin/python -m pytest -m installs tests/installs\n",
        "npm --prefix frontend run e2e\n",
    ):
        assert planned.count(command) == 1


def test_what_is_said_to_show_a_promise_is_there():
    said = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.*]+|test_\w+[.*]*py)`", said)
    assert len(named) > 15
    for name in named:
        assert list(ROOT.glob(name if "/" in name else f"tests/**/{name}")), name
