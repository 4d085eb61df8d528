"""`tb-attribution inspect`: what a log directory holds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tb_attribution_plugin.cli.printable import counted, printable_line

if TYPE_CHECKING:
    from tb_attribution_plugin.logging.reader import StoredRun
    from tb_attribution_plugin.wire import attribution_pb2 as pb

_MOST = 20  # problems of a run that are told

SUMMARY = "say what a log directory holds: runs, series, steps, sizes, and what is damaged"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("logdir", metavar="LOGDIR", help="what TensorBoard is given, or one run of it")


def run(arguments: argparse.Namespace) -> int:
    """1 where something is damaged."""
    from tb_attribution_plugin.logging.reader import read_runs

    runs = read_runs(arguments.logdir)
    ours = {name: one for name, one in runs.items() if one.series or one.problems}
    for name, one in ours.items():
        print("\n".join(_run(name, one)))
    others = len(runs) - len(ours)
    beside = f", {others} without" if others else "" if runs else ": no event file is here"
    print(f"{counted(len(ours), 'run')} with attributions{beside}")
    return int(any(one.problems for one in ours.values()))


def _run(name: str, run: StoredRun) -> Iterator[str]:
    from tb_attribution_plugin.logging import location
    from tb_attribution_plugin.logging.stored_steps import event_files

    files = event_files(run.path)
    size = sum(map(location.file_size, files))
    yield f"{printable_line(name)}: {_bytes(size)} in {counted(len(files), 'event file')}"
    for digest, probe in run.probes.items():
        yield f"  probe {printable_line(digest)}: {_probe(probe)}"
    width = max((len(printable_line(tag)) for tag in run.series), default=0)
    for tag, series in run.series.items():
        about = series.description
        yield (
            f"  {printable_line(tag):<{min(width, 40)}}  {_steps(series.steps)}  {printable_line(about.method)} of "
            f"{printable_line(about.target) or 'the output'} ({printable_line(about.scalar)})"
        )
    if run.scalars:
        yield f"  {counted(len(run.scalars), 'scalar')}: {', '.join(map(printable_line, sorted(run.scalars)))}"
    for problem in run.problems[:_MOST]:
        yield f"  damaged: {printable_line(problem)}"
    if len(run.problems) > _MOST:
        yield f"  damaged: and {counted(len(run.problems) - _MOST, 'place')} more"


def _probe(probe: pb.ProbeBlob) -> str:
    from tb_attribution_plugin.logging.probe_record import MODALITIES

    modality = {number: name for name, number in MODALITIES.items()}.get(probe.modality, "other")
    inputs = "inputs stored" if probe.inputs_stored else "inputs not stored"
    regions = ", ".join(printable_line(region.name) for region in probe.regions)
    return f"{probe.examples} {modality} examples, {inputs}" + (f", regions {regions}" if regions else "")


def _steps(steps: Sequence[int]) -> str:
    return f"{counted(len(steps), 'step')}, {steps[0]} .. {steps[-1]}" if steps else "no steps"


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
