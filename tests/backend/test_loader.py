from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from tb_attribution_plugin.backend.loader import Loader

WITHOUT_TENSORFLOW = Path(__file__).parent / "without_tensorflow"
BACKEND = Path(__file__).parents[2] / "tb_attribution_plugin" / "backend"
MODULES = sorted(f"tb_attribution_plugin.backend.{file.stem}" for file in BACKEND.glob("[!_]*.py"))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (None, {"attribution": 0}),
        ({}, {"attribution": 0}),
        ({"images": 5}, {"attribution": 0, "images": 5}),
        ({"attribution": 7, "images": 5}, {"attribution": 7, "images": 5}),
    ],
)
def test_all_steps_are_kept_unless_the_user_says_otherwise(given: dict[str, int] | None, used: dict[str, int]) -> None:
    flags = argparse.Namespace(samples_per_plugin=given)
    Loader().fix_flags(flags)
    assert flags.samples_per_plugin == used


def test_flags_of_another_program_do_no_harm() -> None:
    flags = argparse.Namespace()
    Loader().fix_flags(flags)
    assert flags.samples_per_plugin == {"attribution": 0}


def test_the_users_own_dictionary_is_left_alone() -> None:
    given = {"images": 5}
    Loader().fix_flags(argparse.Namespace(samples_per_plugin=given))
    assert given == {"images": 5}


def _python(script: str, **environment: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_entry_point_imports_nothing_of_ours_but_names() -> None:
    script = (
        "import sys, tb_attribution_plugin.backend.loader\nprint(*[m for m in sys.modules if m.startswith('tb_attr')])"
    )
    assert sorted(_python(script, PYTHONPATH=str(BACKEND.parents[1])).split()) == [
        "tb_attribution_plugin",
        "tb_attribution_plugin.backend",
        "tb_attribution_plugin.backend.loader",
        "tb_attribution_plugin.wire",
        "tb_attribution_plugin.wire.names",
    ]


@pytest.mark.parametrize("hidden", [False, True], ids=["installed_or_not", "hidden"])
def test_no_module_of_the_server_imports_tensorflow(hidden: bool) -> None:
    script = f"import sys, {', '.join(MODULES)}\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    path = [str(BACKEND.parents[1]), *([str(WITHOUT_TENSORFLOW)] if hidden else [])]
    imported = set(_python(script, PYTHONPATH=":".join(path)).split())
    assert "tb_attribution_plugin" in imported
    assert not imported & {"tensorflow", "keras", "tf_keras", "skimage", "sklearn", "crc32c", "PIL"}


def test_the_entry_point_is_installed() -> None:
    from importlib import metadata

    (entry,) = [one for one in metadata.entry_points(group="tensorboard_plugins") if one.name == "attribution"]
    assert entry.load() is Loader
