"""The page that is one file."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.exporting import page
from tests.exporting import logs
from tests.exporting.logs import HOSTILE, chosen, written


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def frames(text: str) -> dict:
    return json.loads(re.search(r'id="frames">(.*?)</script>', text, re.S).group(1))


def test_every_step_has_its_pictures_and_numbers(tmp_path):
    logs.pictures(tmp_path, 0, 10, 20)
    found = frames(written(page.page, chosen(tmp_path, examples=[2])).decode())
    assert [step["name"] for step in found["steps"]] == [
        "step 0, epoch 1 (1 of 3)", "step 10, epoch 2 (2 of 3)", "step 20, epoch 3 (3 of 3)",
    ]  # fmt: skip
    cell = found["steps"][1]["cells"][0]
    assert cell["lines"][:2] == ["\u2192 dog .75", "margin +2.00"]
    data = base64.b64decode(found["pictures"][cell["picture"]].split(",")[1])
    assert np.asarray(Image.open(io.BytesIO(data))).shape == (224, 224, 3)


def test_it_loads_nothing_and_runs_nothing_but_its_own_script(tmp_path):
    logs.pictures(tmp_path, 0)
    text = written(page.page, chosen(tmp_path)).decode()
    script = re.findall(r"<script>(.*?)</script>", text, re.S)
    policy = next(a["content"] for tag, a in Elements(text).found if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert policy.endswith(f"; script-src 'sha256-{digest}'")
    sources = [a["src"] for _, a in Elements(text).found if "src" in a]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not [tag for tag, _ in Elements(text).found if tag in ("link", "iframe", "object", "base", "form")]


def test_names_of_a_log_stay_text(tmp_path):
    logs.pictures(tmp_path / HOSTILE.replace("/", ""), 0, names=[HOSTILE] * 3)
    text = written(page.page, chosen(tmp_path)).decode()
    found = Elements(text).found
    assert len([tag for tag, _ in found if tag == "script"]) == 2
    assert not [a for _, a in found if "onerror" in a]
    assert HOSTILE not in text
    assert HOSTILE.replace("/", "") not in text
    assert frames(text)["steps"][0]["cells"]


def test_a_picture_that_does_not_change_is_held_once(tmp_path):
    logs.pictures(tmp_path, 0, 10)
    assert len(frames(written(page.page, chosen(tmp_path, examples=[0, 0])).decode())["pictures"]) == 2


def test_a_page_that_no_browser_opens_is_refused(tmp_path, monkeypatch):
    logs.pictures(tmp_path, 0, 10)
    monkeypatch.setattr(page, "_BYTES", 100)
    with pytest.raises(ValueError, match="choose fewer --steps, --examples or --series"):
        written(page.page, chosen(tmp_path))
