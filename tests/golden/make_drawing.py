"""Makes drawing/colours.json: colour arithmetic that the page and `tb_attribution_plugin.drawing` must agree on.

python -m tests.golden.make_drawing           writes it anew
"""

from __future__ import annotations

import json
import math
import pathlib
import zlib
from typing import Any

import numpy as np

from tb_attribution_plugin.drawing import colours, contrast, ends, lookup, numerals, planes
from tb_attribution_plugin.wire import histogram
from tests.golden.make import heavy_tailed

FILE = pathlib.Path(__file__).parent / "drawing" / "colours.json"
MAPS = (*colours.DIVERGING, *colours.SEQUENTIAL)
PLACES = [-7.0, -1.0, -0.7, -0.3333, -1e-3, 0.0, 0.1, 0.25, 1 / 3, 0.5, 0.625, 0.9, 1.0, 3.0]
VALUES = [math.nan, math.inf, -math.inf, -9.0, -2.0, -1.9999, -0.7, -1e-9, 0.0, 3e-4, 0.5, 0.501, 1.0, 2.0, 1e30]
NUMBERS = [
    0.0, 1.0, -1.0, 0.5, 0.001, 0.00099949, 0.000999999, 9.995, 9.996, 99.95, 123.456, 999.4, 999.6, 1000.0, 1234.5,
    99999.5, 1e5, 123456.0, -2.5e-7, 1.005e-5, 6.02e23, math.inf, -math.inf, math.nan, 0.125, -0.0625,
    0.0045, 0.994, 0.9951,
]  # fmt: skip


def tables() -> list[dict[str, Any]]:
    """Every table's checksum, and some entries, which say where two differ."""
    some = [0, 1, 2, 700, 1365, 2047, 2048, 2049, 3000, 3413, 4095]
    found = []
    for name in MAPS:
        signed = name in colours.DIVERGING
        for gamma in (1.0, 0.5, 2.0):
            for overlay in (False, True):
                table = lookup.table(name, signed, gamma, overlay)
                about = {"colours": name, "signed": signed, "gamma": gamma, "overlay": overlay}
                found.append(
                    {**about, "crc": zlib.crc32(table.tobytes()), "some": {i: table[i].tolist() for i in some}}
                )
    return found


def pixels() -> list[dict[str, Any]]:
    """Maps with what is odd in them, drawn."""
    values = np.concatenate([heavy_tailed(40) * 3, np.array(VALUES, np.float32)]).astype(np.float32)
    found = []
    for signed, name in ((True, "RdBu"), (False, "viridis")):
        for gamma in (1.0, 0.5):
            scale = lookup.Scale(0.7, signed, gamma)
            drawn = lookup.colourise(values, scale, name, overlay=True)
            about = {"vmax": scale.vmax, "signed": signed, "gamma": gamma, "colours": name}
            found.append({**about, "values": flat(values), "rgba": drawn.ravel().tolist()})
    return found


def histograms() -> list[dict[str, Any]]:
    rows = [heavy_tailed(500), np.where(np.arange(400) % 150, 0, heavy_tailed(400) + 1), np.zeros(5)]
    rows.append(np.array([np.nan, np.inf, 1.0, 2.0, 1e30, 1e-20]))
    found = []
    for row in rows:
        counts = histogram.log_histogram(row.astype(np.float32))
        total = ends.pooled([counts])
        quantiles = {share: ends.quantile(total, share) for share in (0.5, 0.9, 0.99, 1.0)}
        clipped = {vmax: ends.clipped_share(total, vmax) for vmax in (0.01, 0.37, 1.5)}
        found.append({"counts": counts.tolist(), "quantiles": quantiles, "clipped": clipped})
    return found


def enlargements() -> list[dict[str, Any]]:
    cam, channels, odd = heavy_tailed(3, 5), heavy_tailed(2, 3, 3), heavy_tailed(4, 2)
    odd[1, 1] = np.nan
    found = []
    for scores, (height, width) in ((cam, (9, 20)), (channels, (7, 7)), (odd, (8, 6))):
        drawn = planes.enlarged(planes.plane(scores), height, width)
        about = {"shape": list(scores.shape), "height": height, "width": width}
        found.append({**about, "values": flat(scores), "enlarged": flat(drawn)})
    return found


def words() -> list[dict[str, Any]]:
    return [
        {
            "value": flat([value])[0],
            "numeral": numerals.numeral(value),
            "two": numerals.numeral(value, 2),
            "signed": numerals.signed(value),
            "percent": numerals.percent(value) if value == value and abs(value) < 1e9 else "",
            "probability": numerals.probability(value) if 0 <= value <= 1 else "",
        }
        for value in NUMBERS
    ]


def flat(values: Any) -> list[float | str | None]:
    """NaN as null, infinities as words."""
    numbers = np.asarray(values, np.float64).ravel().tolist()
    return [None if n != n else n if math.isfinite(n) else "inf" if n > 0 else "-inf" for n in numbers]


def content() -> dict[str, Any]:
    return {
        "knots": {name: colours.knots(name).tolist() for name in MAPS},
        "places": PLACES,
        "rgb": {name: colours.rgb(name, PLACES).tolist() for name in MAPS},
        "tables": tables(),
        "entries": {
            side: lookup.entries(np.array(VALUES, np.float32), lookup.Scale(2.0, side == "signed")).tolist()
            for side in ("signed", "unsigned")
        },
        "values": flat(np.array(VALUES, np.float32)),
        "pixels": pixels(),
        "histograms": histograms(),
        "layout": {
            "lowExponent": histogram.LOW_EXPONENT, "perOctave": histogram.PER_OCTAVE, "bins": histogram.BINS,
        },
        "enlargements": enlargements(),
        "inks": [[colour, contrast.ink_on(colour)] for colour in colours.rgb("RdBu", PLACES).tolist()],
        "words": words(),
    }  # fmt: skip


if __name__ == "__main__":
    FILE.write_text(json.dumps(content(), allow_nan=False) + "\n")
