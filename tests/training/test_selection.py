from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import pytest

from tb_attribution_plugin import methods
from tb_attribution_plugin.methods import GradCAM, IntegratedGradients, Saliency
from tb_attribution_plugin.probe.modality import MODALITIES
from tb_attribution_plugin.training import selection


def test_every_exported_method_has_a_name_of_its_own() -> None:
    classes = selection.method_classes()
    assert len(classes) == len(methods.__all__)
    assert {"grad_cam", "integrated_gradients", "saliency"} <= set(classes)


def test_names_instances_lists_and_dicts_become_tags() -> None:
    mine = IntegratedGradients(steps=3)
    assert selection.tagged_methods(mine, "image") == {"integrated_gradients": mine}
    assert list(selection.tagged_methods("saliency", "image")) == ["saliency"]
    assert list(selection.tagged_methods(["grad_cam", mine], "image")) == ["grad_cam", "integrated_gradients"]
    assert list(selection.tagged_methods(iter(["grad_cam", mine]), "image")) == ["grad_cam", "integrated_gradients"]
    with pytest.raises(ValueError, match="did you mean 'kernel_shap'"):
        selection.method_from("KernelSHAP")
    named = selection.tagged_methods({"coarse": mine, "fine": "saliency"}, "image")
    assert named["coarse"] is mine
    assert isinstance(named["fine"], Saliency)


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_modality_has_two_defaults_of_different_names(modality: str) -> None:
    assert len(selection.tagged_methods(None, modality)) == 2


def test_one_target_has_no_suffix_and_several_have_their_names() -> None:
    assert selection.tagged_targets(3) == {"": 3}
    assert selection.tagged_targets({"cat": 0, "dog": 1}) == {"/cat": 0, "/dog": 1}


def test_parameters_are_a_methods_fields() -> None:
    assert selection.parameters(IntegratedGradients(steps=3, baseline=0.0)) == {
        "steps": 3,
        "rule": "gauss_legendre",
        "baseline": 0.0,
        "tolerance": None,
    }
    assert selection.parameters(GradCAM()) == {"layer": None}


def test_a_method_with_a_required_field_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
    class Windowed:
        window: int
        name: ClassVar[str] = "windowed"

        def __call__(self, model: Any, inputs: Any) -> Any: ...

    monkeypatch.setattr(methods, "Windowed", Windowed, raising=False)
    monkeypatch.setattr(methods, "__all__", [*methods.__all__, "Windowed"])
    with pytest.raises(
        ValueError, match=r"method 'windowed' needs \['window'\]: pass tba.methods.Windowed\(window=\.\.\.\)"
    ):
        selection.method_from("windowed")
    assert selection.method_from(Windowed(window=3)).window == 3
