"""What every route does, over a real TensorBoard."""

from __future__ import annotations

import pytest

from tests.backend import logs
from tests.backend.server import Server

RUN = "watermark/attribution"
MAPS = {"run": RUN, "tag": "saliency", "steps": 5, "elements": 0}


def test_the_tab_is_active_where_data_of_ours_exists(server: Server) -> None:
    listing = server.get_url(f"{server.root}/data/plugins_listing").json["attribution"]
    assert listing["enabled"] is True
    assert listing["tab_name"] == "Attribution"
    assert listing["loading_mechanism"] == {
        "type": "IFRAME",
        "module_path": "/data/plugin/attribution/static/index.js",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("route", ["index", "maps", "static/index.js"])
def test_only_get_is_allowed(server: Server, route: str, method: str) -> None:
    answer = server.get(route, method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.error["code"] == "method_not_allowed"


def test_head_answers_the_headers_of_get(server: Server) -> None:
    get, head = server.get("maps", **MAPS), server.get("maps", method="HEAD", **MAPS)
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(get.body))


@pytest.mark.parametrize(
    ("route", "query", "message"),
    [
        ("maps", MAPS | {"steps": "1,,2"}, "steps='' is not a whole number from 0 on"),
        ("maps", MAPS | {"steps": "-1"}, "steps='-1' is not a whole number from 0 on"),
        ("maps", MAPS | {"elements": "1e3"}, "elements='1e3' is not a whole number from 0 on"),
        ("maps", MAPS | {"steps": "9" * 400}, f"steps='{'9' * 119}... (402 characters) is not a whole number"),
        ("maps", MAPS | {"elements": f"0,{2**32}"}, "elements=4294967296 is too large"),
        ("maps", {"run": RUN, "tag": "saliency", "steps": 1}, "parameter 'elements' is missing"),
        ("maps", MAPS | {"step": 3}, "unknown parameter 'step'"),
        ("index", {"run": RUN}, "unknown parameter 'run'"),
        ("input", {"run": RUN, "hash": logs.HASH, "example": "<b>"}, "example='<b>' is not a whole number from 0 on"),
    ],
)
def test_a_bad_parameter_is_named_with_its_value(
    server: Server, route: str, query: dict[str, object], message: str
) -> None:
    answer = server.get(route, **query)
    assert answer.status == 400
    assert answer.error["code"] == "bad_parameter"
    assert answer.error["message"].startswith(message)
    assert answer.error["hint"]


@pytest.mark.parametrize(
    ("route", "query"),
    [
        ("maps", MAPS),
        ("probe", {"run": RUN, "hash": logs.HASH}),
        ("input", {"run": RUN, "hash": logs.HASH, "example": 1}),
    ],
)
def test_stored_blobs_are_kept_a_while_by_this_browser_only_and_then_compared(
    server: Server, route: str, query: dict[str, object]
) -> None:
    first = server.get(route, **query)
    assert first.headers["Cache-Control"] == "private, max-age=10"
    again = server.get(route, {"If-None-Match": first.headers["ETag"]}, **query)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_answers_to_other_questions_have_other_etags(server: Server) -> None:
    asked = [MAPS, MAPS | {"steps": 10}, MAPS | {"elements": 1}, MAPS | {"tag": "grad_cam"}, MAPS | {"steps": "5,10"}]
    assert len({server.get("maps", **query).headers["ETag"] for query in asked}) == len(asked)


def test_an_answer_with_a_gap_is_not_kept(server: Server) -> None:
    answer = server.get("maps", **MAPS | {"steps": "5,6"})
    assert answer.headers["Cache-Control"] == "no-cache, must-revalidate"
    assert answer.headers["ETag"] is None


def test_the_index_is_never_kept(server: Server) -> None:
    assert server.get("index").headers["Cache-Control"] == "no-cache, must-revalidate"


def test_tensorboard_has_nothing_to_complain_of(server: Server) -> None:
    etag = server.get("maps", **MAPS).headers["ETag"]
    entry = server.get("static/index.js").headers["ETag"]
    assert server.get("maps", {"If-None-Match": etag}, **MAPS).status == 304
    if entry:
        assert server.get("static/index.js", {"If-None-Match": entry}).status == 304
    server.get("maps", steps=1)
    assert "security_validator" not in server.log.read_text()
