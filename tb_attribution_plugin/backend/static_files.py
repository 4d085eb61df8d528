"""The built page's files."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from tensorboard.backend import http_util
from werkzeug import Request, Response

from tb_attribution_plugin.backend import answers
from tb_attribution_plugin.backend.errors import NoBundleError, NotFoundError, shown

ROOT = Path(__file__).resolve().parent.parent / "static"
ENTRY = "index.js"
_FIX = "run `npm ci && npm run build` in frontend/, or reinstall tb-attribution-plugin where Node.js 20 is on PATH"
_KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}
# Vite's names carry a hash of the content, so what such a name means never changes.
_HASHED = re.compile(r".*[-.][A-Za-z0-9_-]{8,}\.(js|css|wasm|woff2|svg|png)(\.map)?")
_YEAR = 365 * 24 * 3600


def is_built() -> bool:
    return (ROOT / ENTRY).is_file()


def words_without_bundle() -> str:
    return f"The page of tb-attribution-plugin was not built: {ROOT / ENTRY} is missing. To fix it, {_FIX}."


def respond(request: Request, path: str) -> Response:
    """The file at `path`, relative to the folder of the page.

    Raises:
      NotFoundError: no such file inside the folder.
      NoBundleError: there is no page at all.
    """
    if path == ENTRY and not is_built():
        return _page_that_says_so(request)
    file = _inside(path)
    if file is None:
        if not is_built():
            raise NoBundleError(words_without_bundle(), _FIX)
        raise NotFoundError(f"the page has no file {shown(path)}")
    content = file.read_bytes()
    kind = _KINDS.get(file.suffix, "application/octet-stream")
    if _HASHED.fullmatch(file.name):
        response = _respond(request, content, kind)
        response.headers["Cache-Control"] = f"private, max-age={_YEAR}, immutable"
        del response.headers["Expires"]
        return response
    # The entry keeps its name over versions: it is asked for every time and sent only when it changed.
    # Weak, because TensorBoard compresses some answers and not others.
    etag = hashlib.sha256(content).hexdigest()[:24]
    headers = [("ETag", f'W/"{etag}"')]
    if request.if_none_match.contains_weak(etag):
        return answers.not_modified(request, kind, headers)
    return _respond(request, content, kind, headers)


def _inside(path: str) -> Path | None:
    try:
        file = (ROOT / path).resolve()
        return file if file.is_relative_to(ROOT.resolve()) and file.is_file() else None
    except (ValueError, OSError):  # a null character, a name too long
        return None


def _page_that_says_so(request: Request) -> Response:
    # A module that cannot be imported leaves the tab blank, so the words must come as a module.
    words = json.dumps(words_without_bundle())
    script = f"export function render() {{ document.body.textContent = {words}; }}\n"
    return _respond(request, script.encode(), _KINDS[".js"])


def _respond(request: Request, content: bytes, kind: str, headers: list[tuple[str, str]] | None = None) -> Response:
    response: Response = http_util.Respond(request, content, kind, headers=headers)
    return response
