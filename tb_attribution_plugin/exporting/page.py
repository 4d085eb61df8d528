"""Maps over the steps as one HTML file that loads nothing: a slider, and all pictures inside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from importlib import resources
from typing import IO, Any

from PIL import Image

from tb_attribution_plugin.drawing.legend import Legend, end_words, strip
from tb_attribution_plugin.drawing.notebook import data_uri
from tb_attribution_plugin.drawing.plain_text import one_line
from tb_attribution_plugin.drawing.sheet import Cell
from tb_attribution_plugin.exporting.captions import step_name
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.exporting.sheets import Sheets

# All pictures together: what a browser still opens at once.
_BYTES = 96 << 20


class Pictures:
    """Pictures as addresses that hold them, each once."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self._places: dict[str, int] = {}
        self._bytes = 0

    def add(self, picture: Image.Image) -> int:
        """Its place.

        Raises:
          ValueError: they have become too many.
        """
        address = data_uri(picture)
        if address not in self._places:
            self._bytes += len(address)
            if self._bytes > _BYTES:
                raise ValueError(
                    f"the page would hold more than {_BYTES >> 20} MiB of pictures; choose fewer --steps, --examples "
                    "or --series"
                )
            self._places[address] = len(self.addresses)
            self.addresses.append(address)
        return self._places[address]


def page(choice: Choice, file: IO[bytes]) -> None:
    """
    Raises:
      ValueError: it would be too large for a browser.
    """
    sheets, pictures = Sheets(choice), Pictures()
    steps = [
        {
            "name": f"{step_name(choice.run, step)} ({at} of {len(choice.steps)})",
            "cells": _cells(sheets, step, pictures),
        }
        for at, step in enumerate(choice.steps, start=1)
    ]
    style, script = _source("page.css"), _source("page.js")
    policy = f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    made = _source("page.html").format(
        policy=policy,
        title=_text(f"Attributions, run {choice.run.name}"),
        notes="".join(f'<p class="quiet">{_text(note)}</p>' for note in choice.notes),
        style=style,
        last=len(steps) - 1,
        heads=_heads(sheets),
        rows="\n".join(_row(sheets, example) for example in choice.examples),
        legends="\n".join(map(_legend, sheets.legends())),
        frames=_json({"steps": steps, "pictures": pictures.addresses}),
        script=script,
    )
    file.write(made.encode())


def _cells(sheets: Sheets, step: int, pictures: Pictures) -> list[dict[str, Any]]:
    """Row by row."""
    return [
        _shown(sheets.cell(*column, step, example), pictures)
        for example in sheets.choice.examples
        for column in sheets.columns
    ]


def _shown(cell: Cell, pictures: Pictures) -> dict[str, Any]:
    return {
        "picture": None if cell.picture is None else pictures.add(cell.picture),
        "lines": [one_line(line) for line in cell.lines],
        "warning": one_line(cell.warning),
    }


def _heads(sheets: Sheets) -> str:
    heads = [sheets.head(*column) for column in sheets.columns]
    cells = [f'{_text(first)}<div class="quiet">{"<br>".join(map(_text, rest))}</div>' for first, *rest in heads]
    return "".join(f"<th scope=col>{cell}</th>" for cell in ["Example", *cells])


def _row(sheets: Sheets, example: int) -> str:
    original = sheets.original(example)
    image = "" if original.picture is None else _image(original.picture, f"input {original.lines[0]}")
    first = f"<th scope=row>{image}<div>{'<br>'.join(map(_text, original.lines))}</div></th>"
    names = [f"{sheets.head(*column)[0]} of {original.lines[0]}" for column in sheets.columns]
    cells = [
        f'<td data-cell><img alt="" data-name="{_text(name)}"><div class="lines"></div><div class="warning"></div></td>'
        for name in names
    ]
    return f"<tr>{first}{''.join(cells)}</tr>"


def _legend(legend: Legend) -> str:
    low, high = end_words(legend)
    bar = _image(strip(legend), f"colour scale from {low} to {high}")
    ends = [low, "0", high] if legend.scale.signed else [low, high]
    bar += f'<div class="ends">{"".join(f"<span>{_text(end)}</span>" for end in ends)}</div>'
    notes = "".join(f'<p class="quiet">{_text(note)}</p>' for note in legend.notes)
    return f"<h2>{_text(legend.head)}</h2>{bar if legend.scale.known else ''}{notes}"


def _image(picture: Image.Image, alt: str) -> str:
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<img src="{data_uri(picture)}" {size} alt="{_text(alt)}">'


def _text(text: str) -> str:
    return html.escape(one_line(text))


def _json(content: Any) -> str:
    """No text in it ends the element that it stands in."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _source(name: str) -> str:
    return resources.files("tb_attribution_plugin.exporting").joinpath(name).read_text("utf-8")
