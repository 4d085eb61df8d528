"""Runs with curves by formula, for `write_logs.py`: fit's logs, region shares and BatchNormalization's accuracies."""

from __future__ import annotations

import pathlib

from made_up import CLASSES, known_map, pictures, probabilities

from tb_attribution_plugin import AttributionWriter, Probe

END = 100


def loss(run: int, step: int) -> float:
    """(run + 1) x 50 / (50 + step)."""
    return (run + 1) * 50 / (50 + step)


def curves(logdir: pathlib.Path, count: int = 2) -> None:
    """Run i has a map every 10 (i + 1) steps, and a loss every 5; epochs are 20 steps long and end with a val_loss."""
    for run in range(count):
        probe = Probe(pictures(3, 32), [0, 1, 2], class_names=CLASSES)
        with AttributionWriter(logdir / f"curves/{run}", probe, store="float32") as writer:
            writer.series("saliency", method="Saliency", target="label", scalar="margin")
            for step in range(0, END + 1, 5):
                share = step / END
                if step % (10 * (run + 1)) == 0:
                    outputs = probabilities(3, share / (run + 1))
                    writer.write(
                        step,
                        {"saliency": known_map(step, 3)},
                        outputs=outputs,
                        targets={"saliency": [0, 1, 2]},
                        epoch=step // 20,
                    )
                scalars = {
                    "fit/accuracy": share,
                    "fit/loss": loss(run, step),
                    "region/saliency/object": 0.2 + 0.5 * share / (run + 1),
                    "batchnorm/accuracy_moving": min(1.0, 2 * share),
                    "batchnorm/accuracy_debiased": min(1.0, 4 * share),
                }
                if step % 20 == 0 and step > 0:
                    scalars["fit/val_loss"] = 1.1 * loss(run, step)
                writer.scalars(step, scalars)


def five_curves(logdir: pathlib.Path) -> None:
    curves(logdir, 5)
