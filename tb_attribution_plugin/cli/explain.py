"""`tb-attribution explain`: saved checkpoints, explained as if the callback had been there."""

from __future__ import annotations

import argparse
import re

SUMMARY = "explain saved checkpoints into a log directory, as if the callback had been there"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", metavar="FILE", help=".keras file, or module:function that makes the model; without it, the first "
        "checkpoint, a .keras file")  # fmt: skip
    add("--checkpoints", required=True, nargs="+", metavar="PATTERN", help="such as 'ckpt/*.weights.h5', or files")
    add("--probe", required=True, metavar="NPZ", help="made by Probe.save, or any .npz with the inputs x and labels y")
    add("--logdir", required=True, metavar="DIR", help="TensorBoard's directory of this run")
    add("--methods", nargs="+", metavar="NAME", help="without it, two families that suit the inputs")
    add("--target", default="label", help="label (default), predicted, or a class by index or name")
    add("--output", default="margin", help="margin (default), logits or as_is")
    add(
        "--steps",
        metavar="N,N,...",
        help="of the checkpoints in natural order; without it, the last number of each name",
    )
    add("--step-pattern", metavar="REGEX", help=r"its group is the step in a name, such as 'step(\d+)'")
    add("--resolution", type=int, default=112, help="cells per side that maps are stored with, at most (default 112)")
    add("--channels", action="store_true", help="store colour channels apart instead of their sum")
    add("--store", default="uint8", help="uint8 (default), float16 or float32")
    add("--name", default="attribution", help="of the run's directory below --logdir (default attribution)")
    add("--jobs", type=int, default=1, metavar="N", help="processes (default 1); each holds the model")


def run(arguments: argparse.Namespace) -> int:
    """1 where a checkpoint failed."""
    from tb_attribution_plugin.probe import Probe
    from tb_attribution_plugin.training.after_the_fact.checkpoints import check_there, checkpoints

    steps = arguments.steps
    if steps not in (None, "saved"):
        steps = list(map(_number, _listed(steps)))
    # What is not there is said before TensorFlow is loaded, which takes seconds.
    checkpoints(arguments.checkpoints, steps, arguments.step_pattern)
    if arguments.model is not None:
        check_there(arguments.model)
    probe = Probe.load(arguments.probe)

    from tb_attribution_plugin.training.after_the_fact.explain_checkpoints import explain_checkpoints

    done = explain_checkpoints(
        arguments.model,
        arguments.checkpoints,
        probe,
        arguments.logdir,
        methods=None if arguments.methods is None else [one for text in arguments.methods for one in _listed(text)],
        target=int(arguments.target) if arguments.target.isdecimal() else arguments.target,
        output=arguments.output,
        steps=steps,
        step_pattern=arguments.step_pattern,
        resolution=arguments.resolution,
        channels=arguments.channels,
        store=arguments.store,
        name=arguments.name,
        jobs=arguments.jobs,
    )
    stored = f", {len(done.stored)} were there" if done.stored else ""
    failed = f", {len(done.failed)} failed" if done.failed else ""
    print(f"{len(done.written)} steps written into {done.path}{stored}{failed}")
    return int(bool(done.failed))


def _listed(text: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", text) if part]


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"--steps holds {text!r}; a step is a whole number >= 0")
    return int(text)
