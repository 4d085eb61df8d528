"""What `tb-attribution inspect` says of logs, whole, damaged and hostile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb

PROBE = Probe(np.ones((3, 8, 8, 1), np.float32), [0, 1, 2], regions={"diagonal": np.eye(8, dtype=bool)})


def log(root: Path, *steps: int) -> Path:
    with AttributionWriter(root, PROBE) as writer:
        writer.series("saliency", method="Saliency", target="label", scalar="margin")
        for step in steps:
            writer.write(step, {"saliency": np.full((3, 8, 8), step + 1.0)})
            writer.scalars(step, {"fit/loss": 1.0})
    (file,) = Path(writer.path).glob("*tfevents*")
    return file


def test_runs_series_steps_sizes_and_probes_are_listed(tmp_path, capsys):
    file = log(tmp_path / "a", 0, 40)
    other = EventFile(str(tmp_path), 0)
    other.append(events.summary(0, [events.ordinary_scalar("loss", 1.0)]))
    other.close()
    assert main(["inspect", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"a/attribution: {file.stat().st_size / 1e3:.1f} kB in 1 event file",
        f"  probe {PROBE.hash}: 3 image examples, inputs stored, regions diagonal",
        "  saliency  2 steps, 0 .. 40  Saliency of label (margin)",
        "  1 scalar: fit/loss",
        "1 run with attributions, 1 without",
    ]


def test_a_directory_without_logs_is_called_so(tmp_path, capsys):
    assert main(["inspect", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "0 runs with attributions: no event file is here\n"


def test_a_damaged_record_is_named_and_fails_the_command(tmp_path, capsys):
    file = log(tmp_path, 0, 1, 2)
    content = bytearray(file.read_bytes())
    content[-30] ^= 0xFF
    file.write_bytes(content)
    assert main(["inspect", str(tmp_path)]) == 1
    (damaged,) = [line for line in capsys.readouterr().out.splitlines() if "damaged" in line]
    assert "attribution at byte" in damaged
    assert "checksum of a record of" in damaged


def test_control_characters_of_a_log_never_reach_the_terminal(tmp_path, capsys):
    tag = "m\x1b[2J\n\u202edrowssap"
    metadata = pb.TagMetadata(version=1, maps=pb.MapSeries(tag=tag, method="\x07bell", examples=1))
    file = EventFile(str(tmp_path), 0)
    file.append(events.summary(0, [events.blobs(f"maps/{tag}", [b"nothing"], metadata)]))
    file.close()
    main(["inspect", str(tmp_path)])
    out = capsys.readouterr().out
    assert all(character.isprintable() or character == "\n" for character in out)
    assert r"m\x1b[2J\n\u202edrowssap" in out


def test_what_is_no_directory_is_said_in_one_line(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("tb-attribution inspect: logdir")


def test_an_unknown_command_names_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["tell"])
    assert "inspect" in capsys.readouterr().err


def test_inspect_loads_no_tensorflow(tmp_path):
    log(tmp_path, 0)
    script = (
        "import sys; from tb_attribution_plugin.cli.main import main; main(sys.argv[1:]); "
        "assert not {'tensorflow', 'keras', 'skimage'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, "inspect", str(tmp_path)], check=True)


def test_the_package_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "tb_attribution_plugin", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == __import__("tb_attribution_plugin").__version__
