"""Probes that are saved and loaded."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.probe import Probe, npz

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


def header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue()


def archive(path: Path, member: bytes, name: str = "x.npy", compression: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr(name, member)


def test_a_saved_probe_has_its_own_keys_and_no_more(tmp_path: Path):
    """NumPy 1.26 takes a keyword that it does not know for an array."""
    Probe(x).save(tmp_path / "probe.npz")
    assert sorted(zipfile.ZipFile(tmp_path / "probe.npz").namelist()) == [
        "names.npy",
        "store_inputs.npy",
        "x.npy",
    ]


def test_tokens_are_put_in_order_by_their_number(tmp_path: Path):
    rows = {f"tokens/{row}": np.array([f"row{row}"]) for row in sorted(range(12), key=str)}
    np.savez(tmp_path / "probe.npz", x=np.ones((12, 1), np.int64), modality="text", **rows)
    assert Probe.load(tmp_path / "probe.npz").tokens == tuple((f"row{row}",) for row in range(12))


@pytest.mark.parametrize("strange", ["tokens/3", "tokens/01", "tokens/a"])
def test_tokens_of_another_number_are_refused(tmp_path: Path, strange: str):
    np.savez(tmp_path / "probe.npz", x=np.ones((2, 1), np.int64), **{"tokens/0": ["a"], strange: ["b"]})
    with pytest.raises(ValueError, match=rf"holds '{strange}'; the 2 rows of tokens are tokens/0 \.\. tokens/1"):
        Probe.load(tmp_path / "probe.npz")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [({"names": ["a", "b\0", "c"]}, "names"), ({"class_names": ["a\0", "b"], "labels": [0, 1, 1]}, "class_names")],
)
def test_strings_that_numpy_would_cut_are_not_saved(tmp_path: Path, arguments, what):
    with pytest.raises(ValueError, match=rf"^{what} holds '.\\x00'; NumPy drops NULs"):
        Probe(x, **arguments).save(tmp_path / "probe.npz")
    assert not (tmp_path / "probe.npz").exists()


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (
            header((3, 10**13)) + b"0123",
            r"\(key 'x'\): float32 \[3, 10000000000000\] takes 120,000,000,000,000 bytes, and",
        ),
        (header((10**13,), "<U0"), r"takes 0 bytes, and it has 0"),
        (header((3,)) + b"0" * 13, r"takes 12 bytes, and it has 13"),
        (header((3,)) + b"0" * 2**20, r"its arrays have 1,048,\d{3} bytes, at most 1,000,000 are read"),
    ],
)
def test_what_claims_more_than_it_holds_takes_no_memory(tmp_path: Path, monkeypatch, member, message):
    monkeypatch.setattr(npz, "MOST_BYTES", 1_000_000)
    archive(tmp_path / "probe.npz", member)
    with pytest.raises(ValueError, match=message):
        Probe.load(tmp_path / "probe.npz")


def test_a_probe_that_would_not_be_read_is_not_saved(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(npz, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match=r"and a file holds at most 1,000; pass fewer examples"):
        Probe(x).save(tmp_path / "probe.npz")


def test_files_of_other_archivers_and_single_arrays_are_refused(tmp_path: Path):
    path = tmp_path / "probe.npz"
    array = header((1,)) + b"0123"
    archive(path, array, compression=zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match=r"no array as np\.savez writes them"):
        Probe.load(path)
    archive(path, array, name="x.txt")
    with pytest.raises(ValueError, match=r"no array as np\.savez writes them"):
        Probe.load(path)
    archive(path, array)
    held = bytearray(path.read_bytes())
    held[6] |= 1  # encrypted, in the local header and in the directory
    held[held.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(held)
    with pytest.raises(ValueError, match=r"is not a readable \.npz file.*encrypted"):
        Probe.load(path)
    with open(path, "wb") as file:
        np.save(file, x)
    with pytest.raises(ValueError, match=r"is not a readable \.npz file.*make it by np\.savez"):
        Probe.load(path)


def test_any_damaged_byte_is_a_value_error(tmp_path: Path):
    path = tmp_path / "probe.npz"
    Probe(x[:1, 0, 0], names=["a"]).save(path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            Probe.load(path)
        except ValueError:
            continue


def test_a_file_that_is_not_there_is_named_with_what_writes_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.npz' is no file; write one by Probe\.save or np\.savez\("):
        Probe.load(tmp_path / "none.npz")
