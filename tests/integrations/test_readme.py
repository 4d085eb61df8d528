"""The programs in README.md's section on other frameworks run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs

README = Path(__file__).parents[2] / "README.md"


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv5 = torch.nn.Conv2d(1, 2, 3)
        self.dense = torch.nn.Linear(2 * 4 * 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(self.conv5(x).relu().flatten(1))


def train(net: Net, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    loss = torch.nn.functional.cross_entropy(net(inputs), labels)
    loss.backward()
    return loss


def table() -> dict[str, Any]:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    labels = (rows[:, 0] > 0).astype(int)
    forest = RandomForestClassifier(5, random_state=0).fit(rows, labels)
    return {"forest": forest, "x_train": rows, "x_val": rows, "y_val": labels}


def pictures() -> dict[str, Any]:
    x, y = np.random.default_rng(0).random((4, 6, 6, 1), np.float32), np.array([0, 1, 2, 0])
    batch = torch.tensor(x).permute(0, 3, 1, 2), torch.tensor(y)
    return {"x": x, "y": y, "net": Net(), "train": train, "loader": [batch] * 3, "scores": x[..., 0]}


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (pictures, {"runs/other": {"saliency": [100]}}),
        (pictures, {"runs/torch": {"integrated_gradients": [0, 1, 2], "grad_cam": [0, 1, 2]}}),
        (table, {"runs/shap": {"shap": [0]}}),
    ],
    ids=["writer", "captum", "shap"],
)
def test_it_logs_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: Any, written: dict[str, dict[str, list[int]]]
):
    section = README.read_text().split("## Any framework\n")[1].split("\n## ")[0]
    (log_dir,) = written
    (program,) = [code for code in re.findall(r"```python\n(.*?)```", section, re.DOTALL) if f'"{log_dir}"' in code]
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), names() | {"tba": tba})
    (run,) = read_runs(log_dir).values()
    assert run.problems == []
    assert {tag: series.steps for tag, series in run.series.items()} == written[log_dir]
