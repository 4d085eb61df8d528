"""What is known of the folder that TensorBoard reads, without TensorBoard."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_attribution_plugin.backend import log_folder


def test_a_folder_of_this_machine_is_missing_where_nothing_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not log_folder.is_missing(str(tmp_path))
    assert log_folder.is_missing(str(tmp_path / "nowhere"))
    assert log_folder.is_missing(str(tmp_path / "file" / "run"))


def test_the_home_folder_is_meant_by_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    assert not log_folder.is_missing("~/logs")
    assert log_folder.is_missing("~/nowhere")


@pytest.mark.parametrize("logdir", ["gs://bucket/nowhere", "s3://bucket/nowhere", "", "nul\0"])
def test_what_nobody_can_look_up_is_not_said_to_be_missing(logdir: str) -> None:
    assert not log_folder.is_missing(logdir)
