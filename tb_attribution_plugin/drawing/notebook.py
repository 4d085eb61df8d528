"""What a notebook shows of an attribution by itself. It loads nothing from anywhere."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

import numpy as np
from PIL import Image

from tb_attribution_plugin.drawing.numerals import numeral
from tb_attribution_plugin.drawing.plot import MOST, plot

_ROWS = {"outputs": "f(x)", "baseline_outputs": "f(baseline)", "residual": "residual"}


def repr_html(attribution: Any) -> str:
    """A picture of the maps, and the numbers of the examples on it."""
    try:
        shown = plot(attribution)
        figure = f'<img src="{data_uri(shown)}" width="{shown.width}" height="{shown.height}" alt="maps of scores">'
    except (TypeError, ValueError, NotImplementedError) as error:  # a symbolic tensor has no values
        return f"<div><strong>Attribution</strong><p>no picture: {html.escape(str(error))}</p></div>"
    rows = [_row(words, getattr(attribution, name)) for name, words in _ROWS.items()]
    return f"<div><strong>Attribution</strong><br>{figure}<table>{''.join(rows)}</table></div>"


def data_uri(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def _row(words: str, values: Any) -> str:
    if values is None:
        return ""
    numbers = [numeral(float(number), 4) for number in np.ravel(np.asarray(values, np.float64))[:MOST]]
    return f"<tr><th>{words}</th>{''.join(f'<td>{number}</td>' for number in numbers)}</tr>"
