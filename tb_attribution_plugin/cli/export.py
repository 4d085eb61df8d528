"""`tb-attribution export`: maps of a log as a file."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from typing import IO

from tb_attribution_plugin.cli.printable import counted, printable_line

SUMMARY = "write maps of a log as arrays (npz, csv), a contact sheet (png), or over the steps as a gif or a page (html)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("logdir", metavar="LOGDIR", help="what TensorBoard is given, or one run of it")
    parser.add_argument("--out", required=True, metavar="FILE", help="the file that is written")
    parser.add_argument("--format", metavar="FORMAT", help="one of these; default: by the ending of FILE")
    parser.add_argument("--run", help="the run, where there are several")
    parser.add_argument("--series", nargs="+", metavar="TAG", help="default: all of the run")
    parser.add_argument(
        "--steps", nargs="+", type=_step, metavar="STEP", help='numbers, "first", "last"; default: all, of png the last'
    )
    parser.add_argument(
        "--examples", nargs="+", type=int, metavar="I", help="by index; default: all, of pictures the first 8"
    )


def run(arguments: argparse.Namespace) -> int:
    """1 where something could not be read; it is named, and the rest is written."""
    from tb_attribution_plugin.exporting.choice import choose
    from tb_attribution_plugin.exporting.formats import FORMATS
    from tb_attribution_plugin.logging.read import read

    kind = arguments.format or os.path.splitext(arguments.out)[1].removeprefix(".").lower()
    if kind not in FORMATS:
        known = "|".join(FORMATS)
        if arguments.format:
            raise ValueError(f"--format {kind!r} is not known; it is one of {known}")
        raise ValueError(f"--out {arguments.out!r}: its ending is no format; add --format {known}")
    form, log = FORMATS[kind], read(arguments.logdir)
    choice = choose(log, arguments.run, arguments.series, arguments.steps, arguments.examples, form.most)
    with _whole(arguments.out) as file:
        form.write(choice, file)
    shown = f"{counted(len(choice.series), 'series', 'series')}, {counted(len(choice.steps), 'step')}"
    print(
        f"{arguments.out}: {shown}, {counted(len(choice.examples), 'example')} of run {printable_line(choice.run.name)}"
    )
    for note in choice.notes:
        print(f"  {note}")
    for problem in dict.fromkeys(choice.run.problems):
        print(f"damaged: {printable_line(problem)}", file=sys.stderr)
    return int(bool(choice.run.problems))


def _step(text: str) -> int | str:
    return text if text in ("first", "last") else int(text)


@contextlib.contextmanager
def _whole(path: str) -> Iterator[IO[bytes]]:
    """A file that is there once all of it is written; of two that are written at once, the later one."""
    partial = f"{path}.{secrets.token_hex(4)}.partial"
    try:
        with open(partial, "xb") as file:
            yield file
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise
