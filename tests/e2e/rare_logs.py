"""Logs that are rare and must show all the same: names and sizes without measure, what is missing, what lies."""

from __future__ import annotations

import pathlib

import numpy as np
from made_up import CLASSES, known_map, pictures, probabilities

from tb_attribution_plugin import AttributionWriter, Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.backend import logs
from tests.backend.events import EventFile, tagged

LONG = "long " + 10_000 * "x"
REVERSED = "a\u202egpj.exe\u202c שלום \u2067z"
CONTROL = "a\0b\x1b[31m\r\n\tc\u2028d"
NAMES = [LONG, REVERSED, CONTROL]


def lengths(logdir: pathlib.Path) -> None:
    """Names of 10 kB, from right to left, and with control characters, wherever a log holds a name."""
    probe = Probe(pictures(3, 32), [0, 1, 2], names=NAMES, class_names=NAMES)
    with AttributionWriter(logdir / ("run \u202egnol " + "r" * 200), probe) as writer:
        for tag in (LONG, REVERSED):
            writer.series(tag, method=tag, target=REVERSED, scalar=LONG, parameters={LONG: CONTROL, CONTROL: LONG})
        writer.write(0, {tag: known_map(0, 3) for tag in (LONG, REVERSED)}, outputs=probabilities(3, 0.5))
    file = EventFile(logdir / "control" / "attribution")
    logs.add_probe(file)
    logs.add_step(file, 0, logs.map_series(CONTROL, [2, 2], method=CONTROL), logs.cam_elements(0))
    file.close()


def features(logdir: pathlib.Path) -> None:
    """The same of columns of a table, and of tokens."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    with AttributionWriter(logdir / "features", Probe(rows, feature_names=NAMES)) as writer:
        writer.series("shap", method="KernelSHAP")
        writer.write(0, {"shap": rows - 2})
    probe = Probe(np.arange(6).reshape(2, 3), modality="text", tokens=[NAMES, NAMES])
    with AttributionWriter(logdir / "tokens", probe) as writer:
        writer.series("gradients", method="Gradients")
        writer.write(0, {"gradients": rows - 2})


def sizes(logdir: pathlib.Path) -> None:
    """One example: a map of one cell, and one of 2,048 x 2,048 that grows from its upper left to its lower right."""
    with AttributionWriter(logdir / "cell", Probe(pictures(1, 1), [0])) as writer:
        writer.series("cam", method="GradCAM")
        writer.write(0, {"cam": np.ones((1, 1, 1), np.float32)})
    side = 2048
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    with AttributionWriter(logdir / "large", Probe(pictures(1, side), [0]), resolution=side) as writer:
        writer.series("saliency", method="Saliency")
        writer.write(0, {"saliency": (x + y - side)[None] / side})


def lying(logdir: pathlib.Path) -> None:
    """Three examples with a blob each: the second claims more cells than it holds, the third 64 Mi of them."""
    file = EventFile(logdir / "lying" / "attribution")
    head = pb.ProbeBlob(hash=logs.HASH, modality=pb.MODALITY_IMAGE, examples=3, inputs=[pb.Grid(shape=[70, 70, 3])])
    file.blobs(0, f"probe/{logs.HASH}", [blob.pack(head)], tagged(probe=pb.ProbeSeries(hash=logs.HASH)))
    honest = codec.encode_part(np.eye(70, dtype=np.float32)[None], pb.CODE_FLOAT32)
    longer, huge = pb.Part(), pb.Part()
    longer.CopyFrom(honest)
    longer.shape[0] = 71
    huge.CopyFrom(honest)
    huge.shape[:] = [2**13, 2**13]
    thumbnail = codec.encode_part(np.ones((3, 35, 35), np.float32), thumbnail=True)
    elements = [blob.pack(pb.MapBlob(parts=[part])) for part in (thumbnail, honest, longer, huge)]
    logs.add_step(file, 0, logs.map_series("saliency", [70, 70]), elements)
    file.close()


def absent(logdir: pathlib.Path) -> None:
    """Two methods in one run, one of them in the other."""
    probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
    for run, tags in (("both", ["grad_cam", "saliency"]), ("one", ["saliency"])):
        with AttributionWriter(logdir / run, probe) as writer:
            for tag in tags:
                writer.series(tag, method=tag, target="label", scalar="margin")
            for step in (0, 10):
                writer.write(step, {tag: known_map(step, 3) for tag in tags}, outputs=probabilities(3, step / 10))


def private(logdir: pathlib.Path) -> None:
    """Inputs that stay out of the log: pictures, a table, texts."""
    table, texts = np.arange(8, dtype=np.float32).reshape(2, 4), np.array(["a secret", "another one"])
    probes = {
        "pictures": (Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES, store_inputs=False), known_map(0, 3)),
        "table": (Probe(table, store_inputs=False), table - 3),
        "texts": (Probe(texts, store_inputs=False), table - 3),
    }
    for run, (probe, scores) in probes.items():
        with AttributionWriter(logdir / run, probe) as writer:
            writer.series("saliency", method="Saliency")
            writer.write(0, {"saliency": scores})


def strings(logdir: pathlib.Path) -> None:
    """Texts that the model itself cuts into words, eight scores each: 1, 2 ... 8, then their negatives."""
    texts = np.array(["A quiet  film, well acted\nand kind", "one two three four five six seven eight nine ten"])
    scores = np.array([[1], [-1]]) * np.arange(1, 9)
    with AttributionWriter(logdir / "strings", Probe(texts, [1, 0]), store="float32") as writer:
        writer.series("gradients", method="LayerIntegratedGradients", target="label", scalar="margin")
        writer.write(0, {"gradients": scores.astype(np.float32)}, outputs=probabilities(2, 0.5)[:, :2])


def layers(logdir: pathlib.Path) -> None:
    """Dense layers of 16 and of 64 units, over more steps than are fetched ahead; unit u has (u + 1)(s + 1) / 64."""
    for run, units, factor in (("narrow", 16, 1), ("wide", 64, 1), ("twice", 64, 2)):
        probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
        with AttributionWriter(logdir / run, probe, store="float32") as writer:
            writer.series("conductance", method="LayerConductance", target="label", scalar="margin", units=True)
            writer.series("saliency", method="Saliency", target="label", scalar="margin")
            scores = np.tile(np.arange(1, units + 1) / 64, (3, 1)).astype(np.float32)
            for step in range(60):
                maps = {"conductance": factor * (step + 1) * scores, "saliency": known_map(step, 3)}
                writer.write(step, maps, outputs=probabilities(3, step / 60))


SCENARIOS = [lengths, features, sizes, lying, absent, private, strings, layers]
