"""Writes the logs that the browser tests open: `write_logs.py SCENARIO[,SCENARIO...] LOGDIR`.

Maps follow formulas that the tests repeat (`known_map` in made_up.py), so that pixels can be compared with arithmetic.
"""

from __future__ import annotations

import itertools
import pathlib
import sys
from collections.abc import Callable
from unittest import mock

import numpy as np
import rare_logs
from made_up import CLASSES, known_map, numbers, pictures, probabilities, write_pictures
from made_up_curves import curves, five_curves

from tb_attribution_plugin import Attribution, AttributionWriter, Probe
from tb_attribution_plugin import segments as cut
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.wire import blob, names

HOSTILE = '<img src=x onerror="parent.hacked=1">&amp;"\'</script>'


def known(logdir: pathlib.Path) -> None:
    """Three steps of a map that the test computes too, stored as float32."""
    probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
    with AttributionWriter(logdir / "known", probe, store="float32") as writer:
        writer.series("saliency", method="Saliency", target="label", scalar="margin")
        for step in (0, 10, 20):
            writer.write(step, {"saliency": known_map(step, 3)}, outputs=probabilities(3, step / 20), epoch=step // 10)


def magnitudes(logdir: pathlib.Path) -> None:
    """The magnitudes of `known`, of a method whose scores have no sign."""
    probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
    with AttributionWriter(logdir / "magnitudes", probe, store="float32") as writer:
        writer.series("strength", method="Strength", signed=False, target="label", scalar="margin")
        for step in (0, 10, 20):
            writer.write(step, {"strength": np.abs(known_map(step, 3))}, outputs=probabilities(3, 1.0))


def differences(logdir: pathlib.Path) -> None:
    """Runs whose maps can be subtracted, and runs that differ in one thing each; `after` misses step 20."""
    parameters = {"samples": 4, "seed": 0}
    for run, steps, settings in (
        ("before", (0, 10, 20), {}),
        ("after", (0, 10, 30), {}),
        ("other_parameters", (0, 10), {"parameters": {"samples": 8, "seed": 0}}),
        ("other_probe", (0, 10), {}),
        ("other_target", (0, 10), {"target": "predicted"}),
        ("rounded", (0, 10), {}),
    ):
        probe = Probe(pictures(3, 16 if run == "other_probe" else 32), [0, 1, 2], class_names=CLASSES)
        with AttributionWriter(logdir / run, probe, store="uint8" if run == "rounded" else "float32") as writer:
            given = {"target": "label", "parameters": parameters, **settings}
            writer.series("saliency", method="Saliency", scalar="margin", **given)
            for step in steps:
                maps = known_map(2 * step + 5 if run == "after" else step, 3)
                outputs = probabilities(3, step / 40 if run == "after" else step / 20)
                writer.write(step, {"saliency": maps}, outputs=outputs, targets={"saliency": np.arange(3)})


def targets(logdir: pathlib.Path) -> None:
    """Two runs, two targets: of cat the maps of step s, of dog those of s + 100. `edges` is the same for any class."""
    probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
    for at, run in enumerate(("first", "second")):
        with AttributionWriter(logdir / run, probe, store="float32") as writer:
            for target in ("cat", "dog"):
                writer.series(f"saliency/{target}", method="Saliency", target=target, scalar="margin")
                writer.series(f"edges/{target}", method="Edges", target=target, scalar="margin", class_sensitive=False)
            for step in (0, 10):
                maps = {
                    f"{method}/{target}": known_map((1 + at) * step + add, 3)
                    for method in ("saliency", "edges")
                    for target, add in (("cat", 0), ("dog", 100))
                }
                writer.write(step, maps, outputs=probabilities(3, 0.5))


def scales(logdir: pathlib.Path) -> None:
    known(logdir)
    magnitudes(logdir)


def look(logdir: pathlib.Path) -> None:
    """Maps of formulas in every code, next to one another: on 8 x 8 cells of 32 x 32 pixels, and on the pixels."""
    for run, store in (("bytes", "uint8"), ("halves", "float16"), ("floats", "float32")):
        probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
        with AttributionWriter(logdir / run, probe, store=store) as writer:
            writer.series("coarse", method="Coarse", target="label", scalar="margin")
            writer.series("fine", method="Fine", target="label", scalar="margin", error_kind="standard_error")
            for step in (0, 10, 20):
                maps = known_map(step, 3)
                fine = Attribution(maps.repeat(4, 1).repeat(4, 2), errors=np.full((3, 32, 32), 0.25, np.float32))
                writer.write(step, {"coarse": maps, "fine": fine}, outputs=probabilities(3, step / 20))
    table(logdir)
    text(logdir)
    segments(logdir)


def segments(logdir: pathlib.Path) -> None:
    """Diagonal bands of a picture, and pairs of tokens; segment k has (step + 1)(k - 4) / 16.

    Of `framed` and `added`, the edge and what a tokenizer added are in no segment.
    """
    y, x = np.mgrid[0:32, 0:32]
    bands = (x + y) // 8 + np.arange(3)[:, None, None]  # each example lacks others of the ten
    pairs = np.tile(np.arange(6) // 2 + 3, (2, 1))
    words = Probe(np.arange(12).reshape(2, 6), tokens=[list("abcdef")] * 2, segments=pairs, modality="text")
    framed = np.full_like(bands, -1)
    framed[:, 4:-4, 4:-4] = bands[:, 4:-4, 4:-4]
    rows = [["[CLS]", "un", "##sure", "film", "[SEP]", "[SEP]"]] * 2
    added = Probe(np.arange(12).reshape(2, 6), tokens=rows, segments=cut.words(rows))
    for run, probe in {
        "bands": Probe(pictures(3, 32), [0, 1, 2], segments=bands),
        "pairs": words,
        "framed": Probe(pictures(3, 32), [0, 1, 2], segments=framed),
        "added": added,
    }.items():
        ids = probe.segments.reshape(probe.size, -1)
        with AttributionWriter(logdir / run, probe, store="float32") as writer:
            writer.series("lime", method="LIME", target="label", scalar="margin", error_kind="one_minus_r2")
            for step in (0, 10, 20):
                values = np.tile((step + 1) * (np.arange(10) - 4) / 16, (probe.size, 1))
                sizes = np.stack([np.bincount(row[row >= 0], minlength=10) for row in ids])
                values[sizes == 0] = np.nan
                cells = np.where(ids < 0, 0, np.take_along_axis(values / np.maximum(sizes, 1), ids, 1))
                scores = cells.reshape(probe.segments.shape)
                writer.write(step, {"lime": Attribution(scores, segment_scores=values)})


def two_runs(logdir: pathlib.Path) -> None:
    write_pictures(logdir, "watermark", steps=[0, 1, 2, 4, 8, 16, 100, 200, 300, 400], side=128, count=6, drift=1.0)
    write_pictures(logdir, "control", steps=[0, 1, 2, 4, 8, 16, 100, 200, 300], side=128, count=6, drift=0.0)


def five_runs(logdir: pathlib.Path) -> None:
    for i in range(5):
        write_pictures(logdir, f"sweep/lr_{i}", steps=[0, 10, 100, 200 + i], side=64, count=8, drift=i / 4)


def sweep(logdir: pathlib.Path) -> None:
    """3 methods x 5 runs x 60 steps of a map that the test computes too; more steps than are fetched ahead."""
    for run in range(5):
        probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
        with AttributionWriter(logdir / f"sweep/{run}", probe, store="float32") as writer:
            for tag in ("a", "b", "c"):
                writer.series(tag, method="Saliency", target="label", scalar="margin")
            for step in range(60):
                maps = {tag: known_map(step + run, 3) for tag in ("a", "b", "c")}
                writer.write(step, maps, outputs=probabilities(3, step / 60), epoch=step // 10)
                writer.scalars(step, {"batchnorm/accuracy_moving": 1.0, "batchnorm/accuracy_debiased": 1.0})


def thousand_steps(logdir: pathlib.Path) -> None:
    write_pictures(logdir, "long", steps=list(range(0, 10_000, 10)), side=96, count=8, drift=1.0)


def many_examples(logdir: pathlib.Path) -> None:
    write_pictures(logdir, "many", steps=[0, 100], side=32, count=300, drift=0.5)


def crowd(logdir: pathlib.Path) -> None:
    """5,000 examples. Example i has p(label) = q at step 0 and 1 - q at step 10, q = (i % 100 + 0.5) / 100."""
    count = 5_000
    labels = np.arange(count) % 3
    side = known_map(0, 1).shape[-1]
    images = np.broadcast_to(pictures(1, side), (count, side, side, 3)).copy()
    probe = Probe(images, labels, names=[f"picture {i}" for i in range(count)], class_names=CLASSES)
    q = (np.arange(count) % 100 + 0.5) / 100
    with AttributionWriter(logdir / "crowd", probe) as writer:
        writer.series("saliency", method="Saliency", target="label", scalar="margin")
        for step, p in ((0, q), (10, 1 - q)):
            outputs = np.repeat((1 - p[:, None]) / 2, 3, axis=1)
            outputs[np.arange(count), labels] = p
            writer.write(step, {"saliency": known_map(step, count)}, outputs=outputs, targets={"saliency": labels})


def table(logdir: pathlib.Path) -> None:
    """30 named columns, one of them with markup in its name; one score that is tiny, one that is not finite."""
    rows = np.random.default_rng(1).normal(size=(8, 30)).astype(np.float32) * np.linspace(1, 900, 30, dtype=np.float32)
    features = [f"mean radius {i}" for i in range(29)] + [HOSTILE]
    probe = Probe(rows, np.arange(8) % 2, feature_names=features, class_names=["benign", "malignant"])
    weights = np.random.default_rng(2).normal(size=(8, 30)).astype(np.float32) ** 3
    weights[0, 26] = -1.23e-10  # a long number among short ones
    weights[1, 26] = np.nan
    with AttributionWriter(logdir / "tumours", probe, store="float32") as writer:
        writer.series(
            "kernel_shap",
            method="KernelSHAP",
            target="label",
            scalar="margin",
            additive=True,
            error_kind="standard_error",
        )
        for step in (0, 50, 100, 150):
            maps = Attribution(weights * (step + 10) / 160, **numbers(8, 0.1, 0.03))
            outputs = np.stack([np.full(8, 0.3), np.full(8, 0.7)], 1)
            writer.write(step, {"kernel_shap": maps}, outputs=outputs, epoch=step // 50)


def text(logdir: pathlib.Path) -> None:
    """Token ids with their strings: white space, scripts, markup."""
    lines = [
        [
            "From",
            ":",
            " ",
            "ann",
            "@",
            "example",
            ".",
            "org",
            "\n",
            "Subject",
            ":",
            " ",
            "re",
            "\t",
            "minutes",
            " of",
            " Monday",
        ],
        [
            "<script>",
            "parent.hacked=1",
            "</script>",
            " größte",
            " 映画",
            "\n\n",
            "cheap",
            " watches",
            " now",
            "!",
            "!",
            "!",
        ],
    ]
    width = max(map(len, lines))
    tokens = [line + [""] * (width - len(line)) for line in lines]
    ids = np.arange(2 * width).reshape(2, width)
    probe = Probe(ids, [0, 1], tokens=tokens, modality="text", class_names=["mail", "spam"], names=["a mail", HOSTILE])
    scores = np.sin(np.arange(2 * width)).reshape(2, width).astype(np.float32)
    with AttributionWriter(logdir / "mail", probe) as writer:
        writer.series("layer_integrated_gradients", method="LayerIntegratedGradients", target="label", scalar="margin")
        for step in (0, 10, 20):
            outputs = np.array([[0.8, 0.2], [0.4, 0.6]])
            writer.write(step, {"layer_integrated_gradients": scores * (step + 1)}, outputs=outputs)


def series(logdir: pathlib.Path) -> None:
    """Two channels over 150 times."""
    time = np.linspace(0, 6, 150)
    inputs = np.stack([np.stack([np.sin(time + i), np.cos(2 * time) * np.exp(-time / 4)], -1) for i in range(4)])
    probe = Probe(inputs.astype(np.float32), [0, 1, 0, 1], modality="time_series", feature_names=["x", "y"])
    scores = np.stack([np.stack([np.exp(-((time - 2 - i) ** 2)), -np.exp(-((time - 4) ** 2))], -1) for i in range(4)])
    with AttributionWriter(logdir / "gesture", probe) as writer:
        writer.series("integrated_gradients", method="IntegratedGradients", target="label", scalar="margin")
        for step in (0, 10, 20):
            outputs = np.tile([0.25, 0.75], (4, 1))
            writer.write(step, {"integrated_gradients": (scores * (step + 5)).astype(np.float32)}, outputs=outputs)


def warming(logdir: pathlib.Path) -> None:
    """Moving statistics of BatchNormalization that catch up after the first step; a second run used debiased ones."""
    probe = Probe(pictures(4, 32), [0, 1, 2, 0], class_names=CLASSES)
    for name, statistics in (("attribution", "moving"), ("debiased", "debiased")):
        with AttributionWriter(logdir / "warming", probe, name=name) as writer:
            parameters = {"batchnorm": statistics}
            writer.series("saliency", method="Saliency", target="label", scalar="margin", parameters=parameters)
            for step, moving in ((0, 0.25), (10, 1.0)):
                writer.write(step, {"saliency": known_map(step, 4)}, outputs=probabilities(4, 0.5))
                accuracies = {"moving": moving, "debiased": 1.0}
                tags = {f"{names.BATCHNORM}accuracy_{kind}": value for kind, value in accuracies.items()}
                writer.scalars(step, tags)


def odd(logdir: pathlib.Path) -> None:
    """Maps that say nothing: all zero, NaN in places, nothing finite; one ordinary."""
    maps = known_map(9, 4)
    maps[1] = 0
    maps[2, :4] = np.nan
    maps[3] = np.inf
    probe = Probe(pictures(4, 32), [0, 1, 2, 0])
    with AttributionWriter(logdir / "odd", probe) as writer:
        writer.series("saliency", method="Saliency", target="label", scalar="margin")
        writer.write(0, {"saliency": maps}, outputs=probabilities(4, 0.5))


def hostile(logdir: pathlib.Path) -> None:
    """Markup wherever a log holds a name."""
    probe = Probe(pictures(2, 32), [0, 1], names=[HOSTILE, "b"], class_names=[HOSTILE, "ring", "cross"])
    with AttributionWriter(logdir / "<b>run<b>", probe, name="<i>x<i>") as writer:
        tag = "<img src=x onerror=parent.hacked=1>"
        writer.series(tag, method=HOSTILE, target=HOSTILE, scalar=HOSTILE, parameters={HOSTILE: HOSTILE})
        writer.write(0, {tag: known_map(5, 2)}, outputs=probabilities(2, 0.5))


def others(logdir: pathlib.Path) -> None:
    """A run that TensorBoard knows, without attributions."""
    path = logdir / "plain" / "train"
    path.mkdir(parents=True)
    file = EventFile(str(path), 0)
    file.append(events.summary(1, [events.ordinary_scalar("loss", 1.0)]))
    file.close()


def more_steps(logdir: pathlib.Path) -> None:
    """Goes on with `known`, as a resumed fit does."""
    probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
    with AttributionWriter(logdir / "known", probe, store="float32", start_step=30) as writer:
        writer.series("saliency", method="Saliency", target="label", scalar="margin")
        for step in (30, 40):
            writer.write(step, {"saliency": known_map(step, 3)}, outputs=probabilities(3, 1.0), epoch=step // 10)


def thumbnails(logdir: pathlib.Path) -> None:
    """Maps of 96 x 96 cells, more than element 0 holds."""
    write_pictures(logdir, "thumbnails", steps=[0, 10, 20], side=96, count=3, drift=1.0)


def corrupt(logdir: pathlib.Path) -> None:
    """The second map blob that is packed has a wrong checksum: the own element of example 0 at step 0."""
    calls = itertools.count()
    pack = blob.pack

    def flipping(message: object) -> bytes:
        packed = pack(message)  # type: ignore[arg-type]
        is_second = type(message).__name__ == "MapBlob" and next(calls) == 1
        return packed[:-1] + bytes([packed[-1] ^ 1]) if is_second else packed

    with mock.patch.object(blob, "pack", flipping):
        write_pictures(logdir, "corrupt", steps=[0], side=96, count=3, drift=0.0)


def page(logdir: pathlib.Path) -> None:
    """One log directory with a run for each thing that a page must get right."""
    for write in (known, odd, hostile, table, text, series, thumbnails, corrupt, warming):
        write(logdir)


def empty(logdir: pathlib.Path) -> None:
    logdir.mkdir(parents=True, exist_ok=True)


SCENARIOS: dict[str, Callable[[pathlib.Path], None]] = {
    write.__name__: write
    for write in (
        page,
        known,
        differences,
        targets,
        scales,
        look,
        segments,
        more_steps,
        two_runs,
        five_runs,
        curves,
        five_curves,
        sweep,
        thousand_steps,
        many_examples,
        crowd,
        table,
        text,
        series,
        warming,
        odd,
        hostile,
        thumbnails,
        corrupt,
        others,
        empty,
        *rare_logs.SCENARIOS,
    )
}

if __name__ == "__main__":
    scenarios, target = sys.argv[1:]
    for scenario in scenarios.split(","):
        SCENARIOS[scenario](pathlib.Path(target))
