"""Prints how much of the attribution lies in the corner, read back from the logs of `watermark.py`.

Usage: python demo/shares.py --logdir runs
"""

from __future__ import annotations

import argparse
import pathlib
from typing import NamedTuple

from tb_attribution_plugin.logging.reader import StoredRun

SHARE = "region/{}/corner"


class Pair(NamedTuple):
    """What the two runs of one seed logged; each tuple is (watermark, control).

    Attributes:
      first: the corner's share of the sum of |Integrated Gradients| at step 0, mean over the probe, in 0..1.
      last: the same at the last step.
      grad_cam: the corner's share of the sum of |Grad-CAM| at the last step.
      accuracy: on validation data drawn like the run's own training data.
    """

    logdir: pathlib.Path
    first: tuple[float, float]
    last: tuple[float, float]
    grad_cam: tuple[float, float]
    accuracy: tuple[float, float]

    @property
    def growth(self) -> tuple[float, float]:
        return self.last[0] / self.first[0], self.last[1] / self.first[1]


def read(logdir: pathlib.Path) -> list[Pair]:
    """One pair per seed, in the order of their names."""
    seeds = sorted(control.parent for control in logdir.glob("seed-*/control"))
    if not seeds:
        raise SystemExit(f"{logdir} holds no seed-N: run python demo/watermark.py --logdir {logdir} first")
    return [_pair(path) for path in seeds]


def median(pairs: list[Pair]) -> Pair:
    """The pair whose watermarked share grew neither most nor least."""
    return sorted(pairs, key=lambda pair: pair.growth[0])[len(pairs) // 2]


def report(logdir: pathlib.Path) -> None:
    pairs = read(logdir)
    print("the corner is 2.6% of the image; its share of |Integrated Gradients| on marked images, and the accuracy:\n")
    print(f"{'':10}{'watermark':^35}{'control':^35}")
    print(f"{'':10}" + 2 * f"{'step 0':>8}{'last':>8}{'growth':>8}{'accuracy':>10} ")
    for pair in pairs:
        columns = zip(pair.first, pair.last, pair.growth, pair.accuracy, strict=True)
        row = [f"{first:8.1%}{last:8.1%}{growth:7.1f}x{accuracy:10.3f}" for first, last, growth, accuracy in columns]
        print(f"{pair.logdir.name:10}" + " ".join(row))
    means = [sum(pair.accuracy[run] for pair in pairs) / len(pairs) for run in (0, 1)]
    print(f"{'mean':10}" + " ".join(f"{mean:34.3f}" for mean in means))
    print(f"\nmedian: tensorboard --logdir {median(pairs).logdir}")


def _pair(logdir: pathlib.Path) -> Pair:
    watermark, control = (StoredRun(str(logdir / run / "attribution")) for run in ("watermark", "control"))

    def values(tag: str, position: int) -> tuple[float, float]:
        return watermark.scalars[tag][position].value, control.scalars[tag][position].value

    share = SHARE.format("integrated_gradients")
    return Pair(
        logdir,
        first=values(share, 0),
        last=values(share, -1),
        grad_cam=values(SHARE.format("grad_cam"), -1),
        accuracy=values("fit/val_accuracy", -1),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    report(parser.parse_args().logdir)
