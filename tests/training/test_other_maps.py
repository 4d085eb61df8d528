"""A fit that goes on with the steps of another one, but with other maps."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.notices import LogWarning
from tests.training import fits


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"probe": (fits.table()[0][5:9], fits.table()[1][5:9])}, "maps of another probe as 'saliency'"),
        ({"target": "predicted"}, "maps of another target as 'saliency'"),
        ({"output": "logits"}, "maps of another scalar of the output as 'saliency'"),
        ({"methods": {"saliency": tba.methods.Saliency(absolute=True)}}, "maps with other parameters as 'saliency'"),
        ({"store": "float16"}, "maps in another code (store=) as 'saliency'"),
    ],
)
def test_it_is_kept_apart(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    model = fits.mlp()
    fits.fit(model, fits.callback(tmp_path))
    with pytest.warns(LogWarning, match=re.escape(f"holds steps 0 .. 10 of {words}")):
        fits.fit(model, fits.callback(tmp_path, **changes))
    assert fits.steps(tmp_path, "saliency") == [0, 10]
    assert fits.steps(tmp_path, "saliency", "attribution-2") == [10, 20]


def test_another_method_beside_the_same_maps_goes_on(tmp_path: Path) -> None:
    model = fits.mlp()
    fits.fit(model, fits.callback(tmp_path))
    fits.fit(model, fits.callback(tmp_path, methods=["saliency", "integrated_gradients"]))
    assert fits.steps(tmp_path, "saliency") == [0, 10, 20]
    assert fits.steps(tmp_path, "integrated_gradients") == [10, 20]


def test_no_log_is_lost_where_warnings_are_errors(tmp_path: Path, capsys: Any) -> None:
    fits.fit(fits.mlp(), fits.callback(tmp_path))
    corner = {"corner": [0]}
    x, y = fits.table()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fits.fit(fits.mlp(), fits.callback(tmp_path, probe=tba.Probe(x[:5], y[:5], regions=corner)))
    assert "holds steps 0 .. 10 of an earlier fit" in capsys.readouterr().out
    assert fits.steps(tmp_path, "saliency", "attribution-2") == [0, 10]
    shares = fits.run(tmp_path, "attribution-2").scalars["region/saliency/corner"]
    assert [point.step for point in shares] == [0, 10]
