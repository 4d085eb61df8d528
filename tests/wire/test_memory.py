"""What a decoder takes, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_HEAD = """
import zlib
from tb_attribution_plugin.wire import attribution_pb2 as pb, blob, codec
from tests.process_memory import peak_mib

def part(side, size):
    squeeze = zlib.compressobj(9)
    payload = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(size >> 20)) + squeeze.flush()
    rules = [pb.Companding(knee=1, peak=1, knee_code=127)]
    return pb.Part(shape=[side, side], count=1, code=pb.CODE_INT8_COMPANDED, companding=rules, payload=payload)

def refused(found):
    try:
        codec.decode_part(found)
    except blob.CorruptBlobError:
        return
    raise AssertionError("decoded")

"""


def _growth(code: str, before: str = "") -> float:
    """MiB that `code` takes beyond what the process had after `before`."""
    program = f"{_HEAD}{before}\nstart = peak_mib()\n{code}\nprint(peak_mib() - start)\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return float(done.stdout)


def test_a_map_takes_at_most_twelve_bytes_a_value_while_it_is_decoded() -> None:
    values = 4096 * 4096
    growth = _growth("codec.decode_part(found)", "found = part(4096, 4096 * 4096)") * 2**20
    assert 4 * values < growth < 12 * values


@pytest.mark.parametrize(
    "found",
    ["part(2, 1 << 26)", "part(8192, 1 << 20)", "part(1 << 31, 1 << 20)"],
    ids=["inflates to 2^24 times its claim", "claims 2^26 values of 2^20", "claims 2^62 values"],
)
def test_what_a_payload_only_claims_or_only_inflates_to_takes_no_memory(found: str) -> None:
    assert _growth("refused(found)", f"found = {found}") < 8
