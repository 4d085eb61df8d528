"""HTTP answers: messages, blobs and errors in TensorBoard's response."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.message import Message
from tensorboard.backend import http_util
from werkzeug import Request, Response
from werkzeug.datastructures import Headers

from tb_attribution_plugin.backend.errors import RequestError
from tb_attribution_plugin.backend.store import Stored

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

JSON = "application/json"
BYTES = "application/octet-stream"
_DOWNLOADS = {"npz": "application/zip", "csv": "text/csv"}
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_PNG = b"\x89PNG\r\n\x1a\n"

_STATUS = {
    "bad_parameter": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_much": 413,
    "unreadable": 422,
    "no_bundle": 404,
    "unavailable": 503,
}

# What a run, a tag and a step name can change: a resumed fit writes its steps again, and a second logdir on the same
# port has the same names. So nothing is immutable; a browser may reuse an answer while somebody scrubs back and forth,
# and asks again after that. The ETag is made of the steps' wall times, so that asking again reads no blob.
_REUSE_SECONDS = 10


def json_message(request: Request, message: Message) -> Response:
    """A message as proto3 JSON with the .proto's field names; fields at their default are left out."""
    text = json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None)
    return _respond(request, text, JSON)


def bytes_message(request: Request, message: Message) -> Response:
    """A message as bytes. Compressing measured numbers saves a tenth of them, and takes longer than sending them."""
    return _respond(request, message.SerializeToString(), BYTES)


def stored(request: Request, answer: Stored) -> Response:
    """Blobs, or 304 without reading one when the browser has this version."""
    etag = f'"{answer.version}"'
    if answer.version in request.if_none_match:
        return not_modified(request, BYTES, [("ETag", etag)], _REUSE_SECONDS)
    content, complete = answer.read()
    kind = "image/png" if content.startswith(_PNG) else BYTES
    if not complete:
        return _respond(request, content, kind)
    return _respond(request, content, kind, 200, _REUSE_SECONDS, [("ETag", etag)])


class _NotModified(Response):
    """A 304 that keeps its content type: werkzeug takes it off, and TensorBoard warns of every answer without one."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers["Content-Type"] = self.headers["Content-Type"]
        return headers


def not_modified(request: Request, kind: str, headers: list[tuple[str, str]], reuse_seconds: int = 0) -> Response:
    """304, without a body."""
    return _NotModified(status=304, headers=_respond(request, b"", kind, 304, reuse_seconds, headers).headers)


def file(request: Request, content: bytes, kind: str, name: str) -> Response:
    """A download; `kind` is the suffix, and of `name` only what every file system takes is kept."""
    safe = _UNSAFE_IN_NAME.sub("_", name)[:100]
    headers = [("Content-Disposition", f'attachment; filename="{safe}.{kind}"')]
    return _respond(request, content, _DOWNLOADS[kind], 200, 0, headers)


def error(
    request: Request, code: str, message: str, hint: str, headers: list[tuple[str, str]] | None = None
) -> Response:
    content = {"error": {"code": code, "message": message, "hint": hint}}
    return _respond(request, content, JSON, _STATUS.get(code, 500), 0, headers)


def request_error(request: Request, problem: RequestError) -> Response:
    return error(request, problem.code, str(problem), problem.hint)


def _respond(
    request: Request,
    content: Any,
    kind: str,
    status: int = 200,
    reuse_seconds: int = 0,
    headers: list[tuple[str, str]] | None = None,
) -> Response:
    response: Response = http_util.Respond(request, content, kind, code=status, expires=reuse_seconds, headers=headers)
    return response
