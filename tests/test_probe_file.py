"""Probes that are saved and loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.probe import Probe

x = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype(np.float32)
PROBES = {
    "everything": Probe(
        x,
        [0, 1, 1],
        names=["a", "b", "ü"],
        class_names=["cat", "dog"],
        regions={"corner": np.eye(8, dtype=bool), "box": [[0, 0, 2, 2]] * 3},
        background=x[:2],
        display=x[..., :1],
        segments=np.arange(64).reshape(1, 8, 8),
        store_inputs=False,
    ),
    "nothing else": Probe(x),
    "values": Probe(x[:, 0, 0], [0.5, 1.5, 2.0], feature_names=["p", "q", "r"]),
    "a dict": Probe({"image": x, "row": x[:, 0, 0]}, background={"image": x[:1], "row": x[:1, 0, 0]}),
    "a list": Probe([x, x[:, 0, 0]], [0, 1, 2]),
    "tokens": Probe(np.array([[1, 2, 0], [3, 0, 0]]), tokens=[["to", "be"], ["or"]], modality="text"),
    "texts": Probe(np.array(["to be", "or"]), tokens=[["to", "be"], ["or"]]),
}


@pytest.mark.parametrize("which", PROBES)
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, which: str):
    PROBES[which].save(tmp_path / "probe.npz")
    found = Probe.load(tmp_path / "probe.npz")
    assert found.hash == PROBES[which].hash
    assert type(found.inputs) is type(PROBES[which].inputs)


def test_a_file_of_ones_own_needs_inputs_and_no_more(tmp_path: Path):
    np.savez(tmp_path / "probe.npz", x=x, y=np.array(["cat", "dog", "cat"]), class_names=np.array(["cat", "dog"]))
    assert Probe.load(tmp_path / "probe.npz").hash == Probe(x, [0, 1, 0], class_names=["cat", "dog"]).hash


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"inputs": x}, "holds ['inputs'], but no 'x': the inputs"),
        ({"x": x, "label": np.zeros(3)}, "holds 'label', which is no part of a probe; those are ['x', 'y', "),
        ({"x": x, "y": np.zeros(4, int)}, "labels"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, arrays, message):
    np.savez(tmp_path / "probe.npz", **arrays)
    with pytest.raises(ValueError) as raised:
        Probe.load(tmp_path / "probe.npz")
    assert message in str(raised.value)


def test_objects_are_never_unpickled(tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    np.savez(tmp_path / "probe.npz", x=x, names=np.array([Bomb()] * 3, dtype=object))
    with pytest.raises(ValueError, match=r"key 'names'.*dtype=str"):
        Probe.load(tmp_path / "probe.npz")
    assert not (tmp_path / "exploded").exists()


def test_another_file_is_refused(tmp_path: Path):
    (tmp_path / "probe.npz").write_text("x")
    with pytest.raises(ValueError, match=r"is not a readable \.npz file"):
        Probe.load(tmp_path / "probe.npz")
