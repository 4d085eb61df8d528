"""What a reader makes of a mutant, in a word that both languages can say (frontend/test/data/verdicts.ts).

"-" where it is refused; else what was read: sizes and counts, and of maps the numbers of values, of NaN and of
negative ones. A reader may raise nothing but `CorruptBlobError`, with a message.

python -m tests.golden.verdicts > mutants.txt     prints the committed table anew
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.golden import make
from tests.golden.mutants import HEADER, mutants
from tests.process_memory import peak_mib

NUMBER = 10_000
EXPECTED = make.HERE / "mutants.txt"


def golden_files() -> dict[str, tuple[str, bytes]]:
    """name -> (kind, bytes), by name."""
    return {case.name: (case.kind, (make.HERE / f"{case.name}.bin").read_bytes()) for case in sorted(make.cases())}


def splices() -> list[bytes]:
    return [data[HEADER:] for _, data in golden_files().values()]


def _refused(read: Callable[[], str]) -> str:
    try:
        return read()
    except blob.CorruptBlobError as error:
        if not str(error):
            raise AssertionError("an error without words") from error
        return "-"


def _maps(data: bytes) -> str:
    parts = blob.unpack(data, pb.MapBlob).parts
    return " ".join(["maps", *(_refused(lambda part=part: _part(part)) for part in parts)])


def _part(part: pb.Part) -> str:
    maps = codec.decode_part(part)
    if maps.dtype != np.float32 or maps.shape != (part.count, *part.shape):
        raise AssertionError(f"{maps.dtype} {maps.shape} of {part.count} x {part.shape}")
    counts = [maps.size, int(np.isnan(maps).sum()), int((maps < 0).sum())]
    shape = "x".join(map(str, [part.count, *part.shape]))
    return f"{part.layer}/{part.input}/{int(part.thumbnail)}/{shape}:{','.join(map(str, counts))}"


def _probe(data: bytes) -> str:
    probe = blob.unpack(data, pb.ProbeBlob)
    tokens = [token for row in probe.tokens for token in row.tokens]
    letters = [probe.hash, *probe.names, *probe.class_names, *probe.feature_names, *tokens, probe.baseline]
    repeated: list[Any] = [probe.names, probe.class_names, probe.feature_names, probe.labels, probe.tokens, tokens]
    repeated += [probe.regions, probe.inputs, probe.segments, probe.baseline_outputs]
    counts = [probe.modality, probe.examples, *map(len, repeated), sum(map(len, letters))]
    return f"probe {','.join(map(str, counts))}"


def _items(data: bytes) -> str:
    items = blob.parse(data, pb.Maps).items
    return " ".join(["items", *(f"{item.element}:{len(item.blob)}:{len(item.error)}" for item in items)])


def _stats(data: bytes) -> str:
    stats = blob.parse(data, pb.Stats)
    repeated: list[Any] = [stats.steps, stats.columns, stats.values, stats.histogram, stats.problems]
    layout = [stats.layout.low_exponent, stats.layout.per_octave, stats.layout.bins]
    return f"stats {','.join(map(str, [stats.examples, *map(len, repeated), *layout, *stats.columns]))}"


READERS = {"MapBlob": _maps, "ProbeBlob": _probe, "Maps": _items, "Stats": _stats}


def verdicts(name: str, kind: str, data: bytes, others: list[bytes]) -> Iterator[tuple[bytes, str]]:
    """Every mutant of a golden file with what is read of it."""
    read = READERS[kind]
    for mutant in mutants(name, data, others, NUMBER):
        yield mutant, _refused(lambda mutant=mutant: read(mutant))


def line(name: str, kind: str, data: bytes, others: list[bytes]) -> str:
    """The file's line of the table: the checksum of the mutants' checksums, the checksum of the verdicts, how many
    mutants are messages, and how many of these are read whole."""
    of_mutants = of_verdicts = messages = whole = 0
    for mutant, verdict in verdicts(name, kind, data, others):
        of_mutants = zlib.crc32(f"{zlib.crc32(mutant)}\n".encode(), of_mutants)
        of_verdicts = zlib.crc32(f"{verdict}\n".encode(), of_verdicts)
        messages += verdict != "-"
        whole += "-" not in verdict
    return f"{name} {of_mutants} {of_verdicts} {messages} {whole}\n"


def main() -> None:
    """Prints the table, and on standard error the memory that it took, in MiB beyond that of the start."""
    others, start = splices(), peak_mib()
    for name, (kind, data) in golden_files().items():
        sys.stdout.write(line(name, kind, data, others))
    sys.stderr.write(f"{peak_mib() - start:.1f} MiB\n")


if __name__ == "__main__":
    main()
