"""The walls of the house: who may import whom, and what the TensorBoard server never pays for."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "tb_attribution_plugin"
ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / PACKAGE

# Arrows point from a part to everything it may import. A part may import itself; nothing else is allowed.
ARROWS: dict[str, set[str]] = {
    "blocks": set(),
    "wire": {"blocks"},
    "probe": set(),
    "drawing": {"wire", "probe"},
    "attribution": {"drawing"},
    "schedule": set(),
    "budget": set(),
    "segments": {"probe"},
    "methods": {"attribution"},
    "evaluation": {"attribution", "blocks"},
    "logging": {"wire", "probe", "attribution", "evaluation", "blocks"},
    "training": {
        "wire", "probe", "attribution", "schedule", "budget", "segments", "logging", "methods", "evaluation",
    },
    "integrations": {"wire", "probe", "attribution", "schedule", "budget", "logging"},
    "exporting": {"wire", "logging", "drawing"},
    "cli": {"__init__", "wire", "probe", "attribution", "logging", "training", "exporting"},
    "__main__": {"cli"},
    "backend": {"wire"},
    # The public names, for type checkers only: at run time they are loaded when they are first used.
    "__init__": {"probe", "attribution", "segments", "logging", "methods", "training", "integrations"},
}  # fmt: skip

# Heavy or foreign packages, and the only parts that may import them.
FRAMEWORKS: dict[str, set[str]] = {
    "tensorflow": {"methods", "training", "integrations"},
    "keras": {"methods", "training", "integrations"},
    "torch": {"integrations"},
    "captum": {"integrations"},
    "shap": {"integrations"},
    "xgboost": {"integrations"},
    "lightgbm": {"integrations"},
    "sklearn": {"integrations"},
    "skimage": {"segments"},
    "tensorboard": {"backend", "logging"},
}


def part_of(name: str) -> str:
    """`tb_attribution_plugin.wire.codec` belongs to the part `wire`."""
    return name.split(".")[1] if "." in name else "__init__"


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Every imported name with its line, those inside functions and under TYPE_CHECKING included."""
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write `from {PACKAGE}...`: imports here are absolute"
            assert node.module is not None
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def forbidden(file: Path) -> list[str]:
    """Every import of `file` that the two tables above do not allow."""
    part, found = part_of(module_of(file)), []
    for line, name in imports(file):
        top = name.split(".")[0]
        place = f"{file.relative_to(ROOT)}:{line}: {part} imports {name}"
        if top == PACKAGE and part_of(name) not in {part} | ARROWS.get(part, set()):
            found.append(f"{place}; {part} may import only {sorted(ARROWS.get(part, set()))}")
        if top in FRAMEWORKS and part not in FRAMEWORKS[top]:
            found.append(f"{place}; only {sorted(FRAMEWORKS[top])} may")
    return found


def modules_after(statement: str) -> set[str]:
    """The names in sys.modules of a fresh interpreter that ran `statement`."""
    script = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_part_is_in_the_table_of_arrows():
    parts = {part_of(module_of(file)) for file in modules()}
    assert parts <= set(ARROWS), f"parts without a row in ARROWS: {sorted(parts - set(ARROWS))}"


def test_every_folder_with_code_is_a_package():
    folders = {file.parent for file in modules()}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_the_arrows_have_no_cycle():
    done: set[str] = set()
    while ready := {part for part, below in ARROWS.items() if part not in done and below <= done}:
        done |= ready
    assert done == set(ARROWS)


@pytest.mark.parametrize("file", modules(), ids=module_of)
def test_imports_follow_the_arrows(file: Path):
    assert forbidden(file) == []


def test_an_arrow_upwards_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / PACKAGE / "backend" / "store.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"from {PACKAGE}.wire import blob\ndef f():\n    from {PACKAGE} import training\n    import keras\n"
    )
    assert [line.split(";")[0].split(": ")[1] for line in forbidden(file)] == [
        f"backend imports {PACKAGE}.training",
        "backend imports keras",
    ]


def test_evaluation_takes_attributions_and_names_no_method():
    named = [name for file in (SOURCE / "evaluation").rglob("*.py") for _, name in imports(file)]
    assert [name for name in named if part_of(name) == "methods"] == []


def test_importing_the_package_imports_nothing():
    before = modules_after("")
    added = modules_after(f"import {PACKAGE}") - before
    assert {name for name in added if name.split(".")[0] in {"numpy", "google", "PIL", *FRAMEWORKS}} == set()
    assert {name for name in added if name.startswith(f"{PACKAGE}.")} == set()


@pytest.mark.parametrize("part", ["backend.loader", "backend.plugin", "logging", "probe", "wire.codec"])
def test_the_server_side_never_loads_tensorflow_or_keras(part: str):
    loaded = {name.split(".")[0] for name in modules_after(f"import {PACKAGE}.{part}")}
    assert loaded & {"tensorflow", "keras", "torch", "skimage"} == set()
