"""Packaging: the metadata is in pyproject.toml; here is the one step it cannot say, building the page.

Every way of making or installing this package from source (wheel, sdist, plain and editable install) first runs
`bundle`, which builds `frontend/` into `tb_attribution_plugin/static/` when the bundle is missing or stale.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from setuptools import Command, setup
from setuptools.command.build import build
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "tb_attribution_plugin" / "static"
STAMP = STATIC / "bundle.json"
NOT_SOURCES = {"node_modules", "test", "tests", "e2e", "dist", "coverage"}
NODE_MISSING = f"""
The page of tb-attribution-plugin has to be built, but npm was not found.
  why:    {{why}}
  needed: Node.js 20 or newer, with npm, on PATH (https://nodejs.org, or your system's nodejs and npm packages);
          the sources are in {FRONTEND}
  or:     pip install tb-attribution-plugin (the wheel on PyPI contains the built page and needs no Node)
"""


def digest(root: Path, files: Iterable[Path]) -> str:
    """SHA-256 over the names (relative to `root`) and the contents of `files`, whatever their order."""
    total = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{content} {file.relative_to(root).as_posix()}\n".encode())
    return total.hexdigest()


def sources() -> list[Path]:
    """What the bundle is made from: all of `frontend/` but packages, tests and reports."""
    kept = [top for top in FRONTEND.iterdir() if top.name not in NOT_SOURCES and not top.name.startswith(".")]
    inside = [file for top in kept for file in ([top] if top.is_file() else top.rglob("*"))]
    return [file for file in inside if file.is_file()]


def stamp() -> dict[str, str]:
    """Both sides of the build: a bundle is current when neither its sources nor itself have changed since."""
    bundle = [file for file in STATIC.rglob("*") if file.is_file() and file != STAMP]
    return {"sources": digest(FRONTEND, sources()), "bundle": digest(STATIC, bundle)}


def stale() -> str | None:
    """Why the bundle must be built; None when it is current."""
    if not (STATIC / "index.js").is_file():
        return f"{STATIC / 'index.js'} is missing"
    if not STAMP.is_file():
        return f"{STAMP} is missing, so the age of the bundle is unknown"
    recorded, now = json.loads(STAMP.read_text()), stamp()
    changed = [side for side in now if now[side] != recorded.get(side)]
    return f"the {' and the '.join(changed)} changed since the last build" if changed else None


def npm(*arguments: str, why: str) -> None:
    program = shutil.which("npm")
    if program is None or shutil.which("node") is None:
        sys.exit(NODE_MISSING.format(why=why))
    print(f"frontend: npm {' '.join(arguments)} ({why})", flush=True)
    code = subprocess.call([program, *arguments], cwd=FRONTEND)
    if code != 0:
        sys.exit(f"`npm {' '.join(arguments)}` in {FRONTEND} failed with exit status {code}; its output is above")


def install_packages(why: str) -> None:
    """`npm ci`, unless node_modules was installed from this package-lock.json (npm leaves a copy of it inside)."""
    installed, lock = FRONTEND / "node_modules" / ".package-lock.json", FRONTEND / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund", why=why)
        installed.touch()


class Bundle(Command):
    """Builds the page when it is missing or stale."""

    description = "build frontend/ into tb_attribution_plugin/static/ when it is missing or stale"
    user_options: ClassVar[list[tuple[str, str | None, str]]] = []

    def initialize_options(self) -> None:
        self.editable_mode = False  # set by an editable install, which needs the bundle all the same

    def finalize_options(self) -> None:
        pass

    def get_source_files(self) -> list[str]:
        return [str(file.relative_to(ROOT)) for file in sources()]

    def get_outputs(self) -> list[str]:
        return []  # build_py copies the bundle as package data

    def get_output_mapping(self) -> dict[str, str]:
        return {}

    def run(self) -> None:
        why = stale()
        if why is None:
            return
        install_packages(why)
        npm("run", "build", why=why)
        if not (STATIC / "index.js").is_file():
            sys.exit(f"`npm run build` in {FRONTEND} ended well but left no {STATIC / 'index.js'}")
        STAMP.write_text(json.dumps(stamp(), indent=2) + "\n")


class BuildWithBundle(build):
    # A sub-command and no subclass of build_py, whose errors an editable install turns into warnings.
    sub_commands: ClassVar[list[tuple[str, Any]]] = [("bundle", None), *build.sub_commands]


class SdistWithBundle(sdist):
    def run(self) -> None:
        self.run_command("bundle")
        super().run()


if __name__ == "__main__":
    setup(cmdclass={"bundle": Bundle, "build": BuildWithBundle, "sdist": SdistWithBundle})
