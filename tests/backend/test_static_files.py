from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from tb_attribution_plugin.backend import static_files
from tb_attribution_plugin.backend.errors import NoBundleError, NotFoundError
from tests.backend.server import Server

ENTRY = "export function render() {}\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "static"
    (root / "assets").mkdir(parents=True)
    (root / "index.js").write_text(ENTRY)
    (root / "assets" / "gif-Bx3_k9Qz.js").write_text("export {}")
    (root / "assets" / "logo.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(static_files, "ROOT", root)
    return root


def request(**headers: str) -> Request:
    return Request(
        EnvironBuilder(headers={name.replace("_", "-"): value for name, value in headers.items()}).get_environ()
    )


def test_the_entry_is_asked_for_every_time_and_sent_when_it_changed(page: Path) -> None:
    first = static_files.respond(request(), "index.js")
    assert first.data == ENTRY.encode()
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-cache, must-revalidate"
    again = static_files.respond(request(If_None_Match=first.headers["ETag"]), "index.js")
    assert (again.status_code, again.data) == (304, b"")
    (page / "index.js").write_text("export function render() { /* newer */ }\n")
    newer = static_files.respond(request(If_None_Match=first.headers["ETag"]), "index.js")
    assert (newer.status_code, newer.data[-12:]) == (200, b" newer */ }\n")


def test_a_chunk_with_a_hash_in_its_name_is_kept_for_a_year(page: Path) -> None:
    answer = static_files.respond(request(), "assets/gif-Bx3_k9Qz.js")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(("path", "kind"), [("assets/logo.svg", "image/svg+xml"), ("index.js", "text/javascript")])
def test_content_types_are_those_of_the_suffix_and_not_guessed_again(page: Path, path: str, kind: str) -> None:
    answer = static_files.respond(request(), path)
    assert answer.mimetype == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "assets/../../secret.txt",
        "/etc/passwd",
        "link.txt",
        "assets",
        "",
        "no.js",
        "a\0.js",
        "a" * 5000,
    ],
    ids=["up", "inside and up", "absolute", "link", "folder", "nothing", "no file", "null", "long"],
)
def test_only_files_inside_the_folder_are_served(page: Path, path: str) -> None:
    with pytest.raises(NotFoundError, match="the page has no file"):
        static_files.respond(request(), path)


def test_without_a_bundle_the_tab_says_how_to_build_it(page: Path) -> None:
    (page / "index.js").unlink()
    answer = static_files.respond(request(), "index.js")
    script = answer.data.decode()
    assert script.startswith("export function render()")
    assert "was not built" in script
    assert "npm run build" in script
    with pytest.raises(NoBundleError, match="npm run build"):
        static_files.respond(request(), "other.js")


@pytest.mark.parametrize(
    "path", ["../backend/loader.py", "%2e%2e/backend/loader.py", "..%2fbackend%2floader.py", "%00"]
)
def test_nothing_else_of_the_package_is_served(server: Server, path: str) -> None:
    answer = server.get(f"static/{path}")
    assert answer.status == 404
    assert answer.error["code"] in ("not_found", "no_bundle")


def test_the_entry_is_served_as_a_module(server: Server) -> None:
    answer = server.get("static/index.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert b"render" in answer.body
