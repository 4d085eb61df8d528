"""The bytes that Python writes and both languages read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.golden import make

CASES = {case.name: case for case in make.cases()}
KINDS = {"MapBlob": pb.MapBlob, "ProbeBlob": pb.ProbeBlob, "Maps": pb.Maps, "Stats": pb.Stats}


def stored(name: str) -> bytes:
    return (make.HERE / f"{name}.bin").read_bytes()


def wanted(name: str) -> dict:
    return json.loads((make.HERE / f"{name}.json").read_text())


def test_every_file_has_a_case_and_every_case_its_files():
    assert {path.stem for path in make.HERE.glob("*.bin")} == set(CASES)
    assert {path.stem for path in make.HERE.glob("*.json")} == set(CASES)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.error])
def test_the_encoder_writes_the_golden_bytes(name):
    case, old = CASES[name], stored(name)
    if int((make.HERE / "zlib.txt").read_text()) == make.zlib_fingerprint():
        assert case.data == old
    read = blob.unpack if case.kind.endswith("Blob") else lambda data, kind: kind.FromString(data)
    kind = KINDS[case.kind]
    if case.kind != "Maps":  # its items hold compressed blobs; "what a reader finds" below covers them
        assert make.without_payloads(read(case.data, kind)) == make.without_payloads(read(old, kind))


@pytest.mark.parametrize("name", list(CASES))
def test_a_reader_finds_what_the_json_says(name):
    case = CASES[name]._replace(data=stored(name))
    assert make.expected(case) == wanted(name)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.error])
def test_corrupt_blobs_are_refused_where_the_json_says(name):
    data, error = stored(name), wanted(name)["error"]
    if error == "envelope":
        with pytest.raises(blob.CorruptBlobError):
            blob.unpack(data, pb.MapBlob)
    else:
        part = blob.unpack(data, pb.MapBlob).parts[0]
        with pytest.raises(blob.CorruptBlobError):
            codec.decode_part(part)


def test_the_float32_file_holds_the_numbers_themselves():
    values = np.array(wanted("atlas_float32")["parts"][0]["values"], np.float32)
    np.testing.assert_array_equal(values, make.heavy_tailed(3, 7, 7).ravel())


def test_the_odd_maps_read_as_zeros_nan_infinities():
    rows = np.array(wanted("odd_int8")["parts"][0]["values"], dtype=object).reshape(5, 4)
    assert rows[0].tolist() == [0, 0, 0, 0]
    assert rows[1].tolist() == [None] * 4
    assert rows[2].tolist()[:2] == [None, None]  # int8 has one code for what is not finite
    assert wanted("odd_float32")["parts"][0]["values"][8:10] == ["inf", "-inf"]
    assert wanted("odd_float16")["parts"][0]["values"][17:19] == ["-inf", "inf"]
