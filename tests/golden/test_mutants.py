"""10,000 mutants of every golden file: each is read as something valid or refused in words, and as the page does."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.golden import event_mutants, make, verdicts

# Of all mutants, one after the other. The maps of the golden files have some hundred values.
MAX_MIB = 32


def run(module: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: its memory is measured, and one that hangs is ended."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", module],
        cwd=make.HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def test_every_mutant_of_a_blob_is_read_or_refused_as_the_table_says_in_little_memory():
    done = run(verdicts.__name__)
    assert done.stdout.splitlines() == verdicts.EXPECTED.read_text().splitlines()
    assert float(done.stderr.split()[-2]) < MAX_MIB


def test_the_table_has_mutants_behind_every_check():
    rows = {name: numbers for name, *numbers in map(str.split, verdicts.EXPECTED.read_text().splitlines())}
    assert set(rows) == {case.name for case in make.cases()}
    messages, whole = (sum(int(numbers[place]) for numbers in rows.values()) for place in (2, 3))
    assert messages > 50_000  # of 270,000; the others end at the envelope or are no message
    assert whole > 10_000


def test_the_golden_event_file_is_what_the_writer_logs_and_is_sound(tmp_path):
    stored = make.EVENT_FILE.read_bytes()
    if int((make.HERE / "zlib.txt").read_text()) == make.zlib_fingerprint():
        assert make.event_file() == stored
    found = event_mutants.Found()
    found.read(str(make.EVENT_FILE.parent))
    assert (found.sound, found.steps, found.refused) == (1, 3, 0)


def test_every_mutant_of_an_event_file_is_read_as_described_or_refused_in_little_memory():
    found = event_mutants.Found(**json.loads(run(event_mutants.__name__).stdout))
    assert found.peak_mib < MAX_MIB
    assert 1_000 < found.sound < event_mutants.NUMBER - 1_000
    assert found.steps > event_mutants.NUMBER
    assert found.refused > 0
