"""What the callback costs a whole process: the same fit with and without it, in turns, default settings.

    python -m benchmarks.overhead [--pairs 5] [--short 4] [--long 60] [--models mlp cnn mobilenet96] [--quick]

Aim: attribution's seconds are at most max(10, 5% of the other seconds). Tracing and the first log come on top and are
printed apart; `missed` is what the whole process took longer and no column accounts for. --long 240 is where 5% pass
the ten free seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, NamedTuple

from benchmarks import tables

FREE_SECONDS, SHARE = 10.0, 0.05
LEAST_STEPS = 4


class Size(NamedTuple):
    """Of a fit."""

    steps: int  # per epoch
    epochs: int


def size(seconds: float, step_seconds: float, epochs: int) -> Size:
    """A fit that lasts about so long."""
    return Size(max(LEAST_STEPS, round(seconds / step_seconds / epochs)), epochs)


def child(*arguments: str) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process, and what it said."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_fit", *arguments], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"benchmarks.one_fit {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return seconds, json.loads(done.stdout.splitlines()[-1])


def measure(model: str, fit: str, wanted: Size, pairs: int) -> None:
    arguments = [model, "--steps", str(wanted.steps), "--epochs", str(wanted.epochs)]
    without, with_it, said = [], [], []
    for _ in range(pairs):
        without.append(child(*arguments)[0])
        with tempfile.TemporaryDirectory() as log_dir:
            seconds, found = child(*arguments, "--callback", log_dir)
        with_it.append(seconds)
        said.append(found)
    middle = {key: statistics.median(one[key] for one in said) for key in said[0]}
    allowed = max(FREE_SECONDS, SHARE * middle["training"])
    more = [b - a for a, b in zip(without, with_it, strict=True)]
    known = [one["importing"] + one["tracing"] + one["first"] + one["logs"] for one in said]
    missed = statistics.median(m - k for m, k in zip(more, known, strict=True))
    accounts = [f"{middle[key]:.2f}" for key in ("importing", "tracing", "first", "logs")]
    tables.row(
        [
            model,
            f"{fit}: {wanted.epochs} x {wanted.steps}",
            tables.spread(without),
            tables.spread(with_it),
            tables.spread(more),
            *accounts,
            f"{allowed:.1f}",
            f"{missed:.2f}",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--short", type=float, default=4.0, help="seconds of training, about; two epochs")
    parser.add_argument("--long", type=float, default=60.0, help="seconds of training, about; twelve epochs; 0: none")
    parser.add_argument("--models", nargs="+", default=["mlp", "cnn", "mobilenet96"])
    parser.add_argument("--quick", action="store_true", help="one pair of short fits: a smoke test")
    given = parser.parse_args()
    pairs, long = (1, 0.0) if given.quick else (given.pairs, given.long)
    print(f"seconds, median (range) of {pairs} pairs of whole processes\n")
    titles = ["model", "fit: epochs x steps", "without", "with", "difference"]
    tables.head([*titles, "importing", "tracing", "first log", "logs", "allowed", "missed"])
    for model in given.models:
        step = child(model)[1]["step"]
        measure(model, "short", size(given.short, step, 2), pairs)
        if long:
            measure(model, "long", size(long, step, 12), pairs)


if __name__ == "__main__":
    main()
