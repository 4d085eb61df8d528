"""`tb-attribution explain` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging.reader import StoredRun
from tests.training import fits


def saved(root: Path, *steps: int) -> list[str]:
    """A model, its weights at some steps, and a probe of one's own; the arguments that name them."""
    model = fits.mlp()
    model.save(root / "model.keras")
    for step in steps:
        model.save_weights(root / f"ckpt-{step}.weights.h5")
    x, y = fits.table(4)
    np.savez(root / "probe.npz", x=x, y=y)
    arguments = ["explain", "--model", "model.keras", "--checkpoints", "*.weights.h5", "--probe", "probe.npz"]
    return [*arguments, "--logdir", "run", "--methods", "saliency,input_x_gradient"]


def test_checkpoints_are_explained_and_what_is_there_is_not_again(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = saved(tmp_path, 0, 8, 16)
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"3 steps written into {tmp_path}/run/attribution\n"
    found = StoredRun("run/attribution")
    assert set(found.series) == {"saliency", "input_x_gradient"}
    assert [series.steps for series in found.series.values()] == [[0, 8, 16]] * 2
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"0 steps written into {tmp_path}/run/attribution, 3 were there\n"


def test_a_checkpoint_that_fails_is_told_of_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = saved(tmp_path, 0, 8, 16)
    Path("ckpt-8.weights.h5").write_bytes(b"nothing")
    assert main(arguments) == 1
    out = capsys.readouterr().out
    assert f"attribution: {tmp_path}/ckpt-8.weights.h5: " in out
    assert f"2 steps written into {tmp_path}/run/attribution, 1 failed\n" in out
    assert StoredRun("run/attribution").series["saliency"].steps == [0, 16]


def test_bad_arguments_are_said_in_one_line_before_anything_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = saved(tmp_path, 0)
    for change, message in (
        (["--methods", "salience"], "unknown method 'salience'; did you mean 'saliency'?"),
        (["--checkpoints", "none*"], "no checkpoint is called 'none*'"),
        (["--probe", "none.npz"], "none.npz"),
        (["--steps", "1,x"], "--steps holds 'x'"),
        (["--target", "9"], "9"),
        (["--model", "none.keras"], "model 'none.keras' does not exist (from "),
        (["--jobs", "0"], "jobs is 0"),
    ):
        assert main([*arguments, *change]) == 2
        captured = capsys.readouterr()
        assert message in captured.err
        assert captured.err.startswith("tb-attribution explain: ")
        assert captured.err.count("\n") == 1, captured.err
        assert not Path("run").exists()


def test_what_names_alone_tell_is_said_without_tensorflow(tmp_path):
    (tmp_path / "03-0.25.weights.h5").touch()
    script = (
        "import sys; from tb_attribution_plugin.cli.main import main; code = main(sys.argv[1:]); "
        "import tb_attribution_plugin.training.after_the_fact.explain_checkpoints; "  # the process that only writes
        "assert not {'tensorflow', 'keras'} & set(sys.modules); sys.exit(code)"
    )
    arguments = ["explain", "--checkpoints", "*.h5", "--probe", "probe.npz", "--logdir", "run"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "03-0.25.weights.h5 holds a number with a decimal point" in done.stderr
