"""What a download holds, and what a hostile step may claim."""

from __future__ import annotations

import io

import numpy as np
import pytest

from tb_attribution_plugin.backend import decoded_maps, export
from tb_attribution_plugin.backend.blob_keys import StoredStep
from tb_attribution_plugin.backend.decoded_maps import DecodedMaps
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec


class Blobs:
    """A reader whose keys are found in a dictionary."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        self.blobs = blobs

    def read(self, data: object, keys: list[str]) -> list[bytes | RequestError]:
        return [self.blobs[key] for key in keys]


def decoded(maps: pb.MapSeries, *steps: list[pb.Part], kind: str = "npz") -> DecodedMaps:
    """Steps 0, 1 ... of one element each."""
    found = DecodedMaps(maps, [StoredStep(i, 0.0, (str(i),)) for i in range(len(steps))], kind)
    blobs = {str(i): blob.pack(pb.MapBlob(parts=parts)) for i, parts in enumerate(steps)}
    found.read(None, Blobs(blobs))  # type: ignore[arg-type]
    return found


def part(*shape: int, layer: int = pb.LAYER_SCORES, index: int = 0) -> pb.Part:
    return codec.encode_part(np.full(shape, 0.5, np.float32), pb.CODE_FLOAT32, layer=layer, input_index=index)


def claim(*shape: int, layer: int, index: int = 0) -> pb.Part:
    return pb.Part(layer=layer, input=index, shape=shape[1:], count=shape[0], code=pb.CODE_FLOAT32)  # type: ignore[arg-type]


def series(examples: int, *shapes: list[int]) -> pb.MapSeries:
    return pb.MapSeries(tag="t", examples=examples, grids=[pb.Grid(shape=shape) for shape in shapes])


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(decoded_maps, "MAX_VALUES", {"npz": 100, "csv": 40})
    return 100


def test_scores_of_all_inputs_count_together(limit: int) -> None:
    assert DecodedMaps(series(2, [5, 5], [25]), [StoredStep(0, 0.0, ())], "npz").values_per_step == limit
    with pytest.raises(TooMuchError, match="1 steps x 102 values are 102; one npz holds 100") as error:
        DecodedMaps(series(2, [5, 5], [26]), [StoredStep(0, 0.0, ())], "npz")
    assert error.value.hint == "no step fits, or read the event files with tb_attribution_plugin.logging.reader"


@pytest.mark.parametrize(("kind", "steps", "fit"), [("npz", 5, 4), ("csv", 2, 1)])
def test_errors_and_segments_count_with_the_scores(limit: int, kind: str, steps: int, fit: int) -> None:
    parts = [part(1, 10), part(1, 10, layer=pb.LAYER_ERRORS), part(1, 5, layer=pb.LAYER_SEGMENTS)]
    within = decoded(series(1, [10]), *[parts] * fit, kind=kind)
    assert sum(array.size for array in within.arrays.values()) == fit * 25
    with pytest.raises(TooMuchError, match=f"{steps} steps x 25 values are {steps * 25}; one {kind} holds") as error:
        decoded(series(1, [10]), *[parts] * steps, kind=kind)
    assert error.value.hint.startswith(f"choose up to {fit} steps with steps=..., or ")


def test_stats_count_too(limit: int) -> None:
    found = decoded(series(1, [20]), *[[part(1, 20)]] * 4)
    stats = pb.Stats(examples=1, columns=[pb.STAT_PEAK] * 5, steps=[0], values=np.ones(5, "<f4").tobytes())
    with np.load(io.BytesIO(export.npz(found, stats))) as file:
        assert file["stats"].shape == (4, 1, 5)
    stats.columns.append(pb.STAT_SUM)
    stats.values += np.ones(1, "<f4").tobytes()
    with pytest.raises(TooMuchError, match="4 steps x 26 values are 104; one npz holds 100"):
        export.npz(found, stats)


def test_stats_of_other_examples_are_left_out_and_named() -> None:
    stats = pb.Stats(examples=2, columns=[pb.STAT_PEAK], steps=[0], values=np.ones(2, "<f4").tobytes())
    with np.load(io.BytesIO(export.npz(decoded(series(1, [2]), [part(1, 2)]), stats))) as file:
        assert sorted(file) == ["problems", "scores", "series", "steps", "wall_times"]
        assert file["problems"].tolist() == ["stats are of 2 examples, maps of 1"]


def test_what_a_part_only_claims_takes_no_room() -> None:
    grids = [[1]] * 20
    claims = [[claim(1, 1 << 20, layer=layer, index=i)] for i in range(20) for layer in (1, 2)]
    found = decoded(series(1, *grids), *claims)
    assert sorted(found.arrays) == [(pb.LAYER_SCORES, i) for i in range(20)]
    assert sum(array.size for array in found.arrays.values()) == 20 * len(claims)
    assert found.problems[0] == "step 0, element 0: payload inflates to 0 bytes, expected 4194304"
    assert len(found.problems) == len(claims)


def test_one_blob_decodes_to_no_more_than_a_file_holds(limit: int) -> None:
    found = decoded(series(1, [2], [2]), [part(1, 60, layer=1), part(1, 41, layer=2), part(1, 2)])
    assert found.problems == ["step 0, element 0: maps of shape [1, 41] bring one blob above 100 values"]
    assert found.arrays[pb.LAYER_ERRORS, 0].tolist() == [[[0.5] * 60]]


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (part(1, 2, 3, layer=pb.LAYER_ERRORS), "maps of shape [1, 2, 3], expected [1, 2, 2]"),
        (part(1, 2, 2, layer=pb.LAYER_SEGMENTS, index=1), "maps of shape [1, 2, 2], expected [1]"),
        (part(2, 2, 2), "maps of shape [2, 2, 2], expected [1, 2, 2]"),
        (part(1, 2, 2, index=1), "scores of input 1, of which the series says that it has no map"),
        (part(1, 2, 2), "layer 0 of input 0 is there twice"),
        (claim(1, *[1] * 70, layer=pb.LAYER_ERRORS), f"maps of shape {[1] * 71}, expected [1, 2, 2]"),
        (
            claim(1, 0, *[(1 << 32) - 1] * 3, layer=0),
            f"maps of shape {[1, 0, *[(1 << 32) - 1] * 3]}, expected [1, 2, 2]",
        ),
    ],
)
def test_a_part_that_does_not_fit_the_series_costs_itself_only(bad: pb.Part, problem: str) -> None:
    found = decoded(series(1, [2, 2], []), [part(1, 2, 2), bad, part(1, 3, layer=pb.LAYER_SEGMENTS)])
    assert found.problems == [f"step 0, element 0: {problem}"]
    assert {key: array.tolist() for key, array in found.arrays.items()} == {
        (pb.LAYER_SCORES, 0): [[[[0.5] * 2] * 2]],
        (pb.LAYER_SEGMENTS, 0): [[[0.5] * 3]],
    }


def test_a_blob_of_more_parts_than_a_series_can_have_is_refused() -> None:
    found = decoded(series(1, [2, 2]), [part(1, 2, 2)] * 4)
    assert found.problems == ["step 0, element 0: 4 parts; the series' layers and inputs are 3"]


def test_examples_that_are_not_stored_are_nan_and_counted() -> None:
    found = DecodedMaps(series(2, [1]), [StoredStep(7, 0.0, ("head", "first")), StoredStep(8, 0.0, ())], "npz")
    blobs = {"head": b"not read", "first": blob.pack(pb.MapBlob(parts=[part(1, 1)]))}
    found.read(None, Blobs(blobs))  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.arrays[pb.LAYER_SCORES, 0], [[[0.5], [np.nan]], [[np.nan], [np.nan]]])
    assert found.problems == ["step 7: 1 of 2 examples are stored", "step 8: 0 of 2 examples are stored"]


def test_an_input_without_a_map_has_neither_an_array_nor_lines() -> None:
    found = decoded(series(1, [2], []), [part(1, 2)])
    assert export.csv(found).decode().splitlines() == [
        "step,example,input,layer,i0,value",
        "0,0,0,scores,0,0.5",
        "0,0,0,scores,1,0.5",
    ]
    with np.load(io.BytesIO(export.npz(found, None))) as file:
        assert [name for name in file if name.startswith("scores")] == ["scores_0"]
