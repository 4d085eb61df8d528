"""Makes the golden files: bytes that the tests of both languages read. See README.md.

python tests/golden/make.py           writes them anew
"""

from __future__ import annotations

import json
import math
import pathlib
import sys
import zlib
from typing import Any, NamedTuple

import numpy as np
from google.protobuf.message import Message
from tensorboard.compat.proto import event_pb2

from tb_attribution_plugin.logging import events, records
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

HERE = pathlib.Path(__file__).parent
EVENT_FILE = HERE / "run" / "events.out.tfevents.1700000000.golden"
_FINGERPRINT_TEXT = bytes(range(256)) * 8 + b"attribution" * 50


class Case(NamedTuple):
    """One file. `error` is where a reader must refuse it: "envelope" (the blob) or "part" (its first part)."""

    name: str
    about: str
    kind: str
    data: bytes
    error: str = ""


def zlib_fingerprint() -> int:
    """Two zlib builds with one fingerprint compress alike; other builds may give other, equally right payload bytes."""
    return zlib.crc32(zlib.compress(_FINGERPRINT_TEXT, 6))


def cases() -> list[Case]:
    return [*_maps(), *_probes(), *_answers(), *_corrupt()]


def heavy_tailed(*shape: int) -> np.ndarray:
    """Numbers that no random generator's version can change: a sine with a cubed, signed tail."""
    index = np.arange(math.prod(shape), dtype=np.float64)
    return (np.sin(index * 0.7) * (0.01 + np.abs(np.sin(index * 0.13)) ** 9)).astype(np.float32).reshape(shape)


def _maps() -> list[Case]:
    def case(name: str, about: str, *parts: pb.Part) -> Case:
        return Case(name, about, "MapBlob", blob.pack(pb.MapBlob(parts=parts)))

    image = heavy_tailed(3, 7, 7)
    odd = heavy_tailed(5, 4)
    odd[0] = 0.0
    odd[1] = np.nan
    odd[2] = [np.inf, -np.inf, 1.0, -2.0]
    odd[3] = [1e-45, -1e-45, 0.0, -0.0]
    odd[4] = [1e-30, -1e30, 3.4e38, 1.0]
    large = heavy_tailed(2, 66, 6)
    thumbnail = large.reshape(2, 33, 2, 6).mean(axis=2)
    return [
        case("atlas_int8", "three 7x7 maps, companded", codec.encode_part(image)),
        case("atlas_float16", "the same as float16", codec.encode_part(image, pb.CODE_FLOAT16)),
        case("atlas_float32", "the same as float32", codec.encode_part(image, pb.CODE_FLOAT32)),
        case("odd_int8", "zeros; NaN; infinities; denormals; a huge range", codec.encode_part(odd)),
        case("odd_float16", "the same as float16: 1e30 becomes inf", codec.encode_part(odd, pb.CODE_FLOAT16)),
        case("odd_float32", "the same as float32: bit for bit", codec.encode_part(odd, pb.CODE_FLOAT32)),
        case(
            "thumbnail",
            "element 0 of two 66x6 maps: 33x6 block means, and the values of 5 segments",
            codec.encode_part(thumbnail, thumbnail=True),
            codec.encode_part(heavy_tailed(2, 5), layer=pb.LAYER_SEGMENTS),
        ),
        case(
            "example",
            "element 1 of the same step: scores, errors and segments of example 0",
            codec.encode_part(large[:1]),
            codec.encode_part(np.abs(large[:1]) / 4, layer=pb.LAYER_ERRORS),
            codec.encode_part(heavy_tailed(2, 5)[:1], layer=pb.LAYER_SEGMENTS),
        ),
        case(
            "two_inputs",
            "a 4x4 picture and 3 columns, two examples",
            codec.encode_part(heavy_tailed(2, 4, 4)),
            codec.encode_part(heavy_tailed(2, 3), input_index=1),
        ),
        case("channels", "one 3x2 map with 3 channels", codec.encode_part(heavy_tailed(1, 3, 2, 3))),
    ]


def _probes() -> list[Case]:
    mask = np.zeros((2, 4), np.uint8)
    mask[0, 1:3] = 1
    ids = np.array([[0, 1, 1, -1], [0, 1, 2, 3]], "<i4")  # padding is in no segment
    text = pb.ProbeBlob(
        hash="0123456789abcdef",
        modality=pb.MODALITY_TEXT,
        examples=2,
        names=["first", "<b>second</b>"],
        class_names=["bad", "good"],
        labels=[1, 0],
        tokens=[
            pb.TokenRow(tokens=["a", " fine", "\tfilm", ""]),
            pb.TokenRow(tokens=["größte", "映画", "\u202eend", "</script>"]),
        ],
        regions=[pb.RegionMask(name="adjective", shape=[4], payload=zlib.compress(mask.tobytes(), 6))],
        inputs=[pb.Grid(shape=[4], method_shape=[4], input_shape=[4])],
        inputs_stored=True,
        segments=[pb.SegmentMap(shape=[4], payload=zlib.compress(ids.tobytes(), 6))],
        baseline="the padding token",
        baseline_outputs=[0.25, -0.5],
        modalities=[pb.MODALITY_TEXT],
    )
    private = pb.ProbeBlob(
        hash="fedcba9876543210",
        modality=pb.MODALITY_IMAGE,
        examples=1,
        names=["#0"],
        inputs=[
            pb.Grid(input=name, shape=shape, method_shape=shape, input_shape=shape)
            for name, shape in (("row", [5]), ("photo", [8, 8, 3]))
        ],
        shown=1,
        modalities=[pb.MODALITY_TABULAR, pb.MODALITY_IMAGE],
    )
    return [
        Case("probe_text", "text with tokens, a region, segments, labels", "ProbeBlob", blob.pack(text)),
        Case(
            "probe_private", "an image probe that stores no inputs and has no labels", "ProbeBlob", blob.pack(private)
        ),
    ]


def _answers() -> list[Case]:
    inner = blob.pack(pb.MapBlob(parts=[codec.encode_part(heavy_tailed(1, 2, 2))]))
    maps = pb.Maps(
        items=[
            pb.MapItem(step=0, element=0, blob=inner),
            pb.MapItem(step=3, element=1, error="no such step"),
        ]
    )
    stats = pb.Stats(
        steps=[0, 3],
        columns=[pb.STAT_SUM, pb.STAT_DRIFT],
        examples=2,
        values=_floats(1, math.nan, 2, math.nan, 3, 0.5, 4, 0.25),
        layout=pb.HistogramSeries(tag="ig", low_exponent=-1, per_octave=1, bins=3),
        histogram=_floats(1, 0, 2, 3, 4, 0, 1, 5, 6, 7),
    )
    return [
        Case("answer_maps", "the server's answer for two items, one of them missing", "Maps", maps.SerializeToString()),
        Case("answer_stats", "the server's answer for two steps of two examples", "Stats", stats.SerializeToString()),
    ]


def _floats(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


def _corrupt() -> list[Case]:
    sound = pb.MapBlob(parts=[codec.encode_part(heavy_tailed(2, 3, 3))])
    good = blob.pack(sound)

    def changed(**fields: Any) -> bytes:
        message = pb.MapBlob()
        message.CopyFrom(sound)
        for name, value in fields.items():
            if name in ("shape", "companding"):
                message.parts[0].ClearField(name)
                getattr(message.parts[0], name).extend(value)
            else:
                setattr(message.parts[0], name, value)
        return blob.pack(message)

    broken_body = b"\xff" * 12
    rule = pb.Companding(knee=1.0, peak=2.0, knee_code=0)
    rows = [
        ("corrupt_empty", "no bytes at all", b"", "envelope"),
        ("corrupt_magic", "another magic", b"TBA9" + good[4:], "envelope"),
        ("corrupt_checksum", "one bit of the body flipped", good[:-3] + bytes([good[-3] ^ 1]) + good[-2:], "envelope"),
        ("corrupt_truncated", "the last five bytes are missing", good[:-5], "envelope"),
        (
            "corrupt_message",
            "a right checksum over what is no message",
            b"TBA1" + zlib.crc32(broken_body).to_bytes(4, "little") + broken_body,
            "envelope",
        ),
        ("corrupt_payload", "a payload that is no zlib stream", changed(payload=b"not zlib"), "part"),
        (
            "corrupt_short",
            "a payload that inflates to too few bytes",
            changed(payload=zlib.compress(b"\0" * 17)),
            "part",
        ),
        ("corrupt_bomb", "a payload that inflates to 4 MB", changed(payload=zlib.compress(b"\0" * (1 << 22))), "part"),
        (
            "corrupt_stream_end",
            "a payload without its end and checksum",
            changed(payload=zlib.compress(b"\0" * 18)[:-5]),
            "part",
        ),
        ("corrupt_shape", "a shape of 2^62 cells", changed(shape=[1 << 31, 1 << 31]), "part"),
        ("corrupt_count", "more maps than companding rules", changed(count=1 << 20), "part"),
        ("corrupt_code", "a code of the future", changed(code=99), "part"),
        ("corrupt_rule", "a companding rule with knee_code 0", changed(companding=[rule, rule]), "part"),
    ]
    return [Case(name, about, "MapBlob", data, error) for name, about, data, error in rows]


def event_file() -> bytes:
    """A whole run as the writer logs it: the probe, two steps of an atlas, one of a map per example, fit's loss."""
    text = pb.ProbeBlob(hash="c0ffee", examples=2, names=["a", "b"], inputs=[pb.Grid(shape=[3, 3], input_shape=[3, 3])])
    about = pb.TagMetadata(version=1, probe=pb.ProbeSeries(hash="c0ffee"))
    rows = [events.file_version(), events.session_start(0)]
    rows.append(events.summary(0, [events.blobs("probe/c0ffee", [blob.pack(text), b"first", b"second"], about)]))
    for step in (0, 4):
        rows.append(_step(step, "cam", [3, 3], [codec.encode_part(heavy_tailed(2, 3, 3))]))
    thumbnail = codec.encode_part(heavy_tailed(2, 2, 1), thumbnail=True)
    single = [codec.encode_part(heavy_tailed(1, 66, 1)), codec.encode_part(-heavy_tailed(1, 66, 1))]
    rows.append(_step(4, "ig", [66, 1], [thumbnail, *single]))
    rows.append(events.summary(4, [events.ordinary_scalar("fit/loss", 0.5)]))
    found = b""
    for i, row in enumerate(rows):
        event = event_pb2.Event.FromString(row)
        event.wall_time = 1_700_000_000 + i
        found += records.frame(event.SerializeToString(deterministic=True))
    return found


def _step(step: int, tag: str, shape: list[int], parts: list[pb.Part]) -> bytes:
    series = pb.MapSeries(tag=tag, method="GradCAM", probe_hash="c0ffee", grids=[pb.Grid(shape=shape)], examples=2)
    layout = pb.HistogramSeries(tag=tag, low_exponent=-4, per_octave=1, bins=4)
    columns = pb.StatsSeries(tag=tag, columns=[pb.STAT_OUTPUT, pb.STAT_PEAK])
    stored = [blob.pack(pb.MapBlob(parts=[part])) for part in parts]
    return events.summary(
        step,
        [
            events.blobs(f"maps/{tag}", stored, pb.TagMetadata(version=1, maps=series)),
            events.tensor(f"stats/{tag}", heavy_tailed(2, 2), pb.TagMetadata(version=1, stats=columns)),
            events.tensor(
                f"histogram/{tag}", np.arange(6, dtype=np.float32), pb.TagMetadata(version=1, histogram=layout)
            ),
            events.scalar(f"seconds/{tag}", 0.5, pb.TagMetadata(version=1, steps=pb.StepSeries(tag=tag))),
        ],
    )


def number(value: float) -> float | str | None:
    """JSON has no words for these: null is NaN, "inf" and "-inf" are strings."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _numbers(values: Any) -> list[float | str | None]:
    return [number(float(value)) for value in np.asarray(values).ravel()]


def expected(case: Case) -> dict[str, Any]:
    """What a reader must find, as JSON."""
    head = {"about": case.about, "kind": case.kind}
    if case.error:
        return {**head, "error": case.error}
    if case.kind == "MapBlob":
        return {**head, "parts": [_part(part) for part in blob.unpack(case.data, pb.MapBlob).parts]}
    if case.kind == "ProbeBlob":
        return {**head, "probe": _probe(blob.unpack(case.data, pb.ProbeBlob))}
    if case.kind == "Maps":
        items = [
            {"step": item.step, "element": item.element, "error": item.error, "blob_bytes": len(item.blob)}
            for item in pb.Maps.FromString(case.data).items
        ]
        return {**head, "items": items}
    stats = pb.Stats.FromString(case.data)
    return {
        **head,
        "steps": list(stats.steps),
        "columns": [pb.StatColumn.Name(column) for column in stats.columns],
        "examples": stats.examples,
        "values": _numbers(np.frombuffer(stats.values, "<f4")),
        "layout": {
            "tag": stats.layout.tag,
            "low_exponent": stats.layout.low_exponent,
            "per_octave": stats.layout.per_octave,
            "bins": stats.layout.bins,
        },
        "histogram": _numbers(np.frombuffer(stats.histogram, "<f4")),
    }


def _part(part: pb.Part) -> dict[str, Any]:
    return {
        "layer": pb.Layer.Name(part.layer),
        "input": part.input,
        "shape": list(part.shape),
        "count": part.count,
        "code": pb.Code.Name(part.code),
        "thumbnail": part.thumbnail,
        "values": _numbers(codec.decode_part(part)),
    }


def _probe(probe: pb.ProbeBlob) -> dict[str, Any]:
    cells = [probe.examples * math.prod(region.shape) for region in probe.regions]
    return {
        "hash": probe.hash,
        "modality": pb.Modality.Name(probe.modality),
        "examples": probe.examples,
        "names": list(probe.names),
        "class_names": list(probe.class_names),
        "feature_names": list(probe.feature_names),
        "labels": list(probe.labels),
        "tokens": [list(row.tokens) for row in probe.tokens],
        "regions": [
            {"name": r.name, "shape": list(r.shape), "mask": list(blob.inflate(r.payload, size))}
            for r, size in zip(probe.regions, cells, strict=True)
        ],
        "inputs": [{"input": grid.input, "input_shape": list(grid.input_shape)} for grid in probe.inputs],
        "inputs_stored": probe.inputs_stored,
        "segments": [
            {
                "shape": list(s.shape),
                "ids": np.frombuffer(blob.inflate(s.payload, 4 * probe.examples * math.prod(s.shape)), "<i4").tolist(),
            }
            for s in probe.segments
        ],
        "baseline": probe.baseline,
        "baseline_outputs": list(probe.baseline_outputs),
        "shown": probe.shown,
        "modalities": [pb.Modality.Name(kind) for kind in probe.modalities],
    }


def without_payloads(message: Message) -> tuple[bytes, list[bytes]]:
    """The message with its payloads cut out, and the payloads, inflated."""
    payloads = []
    for field in ("parts", "regions", "segments"):
        for part in getattr(message, field, ()):
            payloads.append(zlib.decompress(part.payload))
            part.ClearField("payload")
    return message.SerializeToString(deterministic=True), payloads


def main() -> None:
    for path in HERE.glob("*.bin"):
        path.unlink()
    for case in cases():
        (HERE / f"{case.name}.bin").write_bytes(case.data)
        text = json.dumps(expected(case), ensure_ascii=True, allow_nan=False)
        (HERE / f"{case.name}.json").write_text(text + "\n")
    EVENT_FILE.parent.mkdir(exist_ok=True)
    EVENT_FILE.write_bytes(event_file())
    (HERE / "zlib.txt").write_text(f"{zlib_fingerprint()}\n")
    sys.stdout.write(f"{len(cases())} golden files in {HERE}\n")


if __name__ == "__main__":
    main()
