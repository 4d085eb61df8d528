""".ci/uv hands uv what pip is configured with; a stand-in for Python prints what uv would see."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "uv"


@pytest.mark.parametrize(
    ("configured", "seen"),
    [
        ("global.timeout='60'", {}),
        ("global.index-url='https://a.example/simple'", {"UV_DEFAULT_INDEX": "https://a.example/simple"}),
        (
            ":env:.index-url='https://a.example'\nglobal.index-url='https://b.example'",
            {"UV_DEFAULT_INDEX": "https://a.example"},
        ),
        ("global.extra-index-url='https://a.example/simple'", {}),
    ],
    ids=["nothing", "index", "environment first", "an extra one is left out"],
)
def test_uv_gets_the_index_that_pip_would_read(tmp_path: Path, configured: str, seen: dict[str, str]) -> None:
    (tmp_path / "configured").write_text(configured + "\n")
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nif [ "$2" = pip ]; then cat "${0%python}configured"; else env; echo "$@"; fi\n')
    python.chmod(0o755)
    done = subprocess.run(
        [SCRIPT, python, "pip", "install", "x"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "-m uv pip install x"
    indexes = dict(line.split("=", 1) for line in lines if line.startswith(("UV_DEFAULT_INDEX=", "UV_INDEX=")))
    assert indexes == seen
    assert "UV_SYSTEM_CERTS=1" in lines
