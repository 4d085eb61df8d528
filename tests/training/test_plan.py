"""Which methods are compiled, scheduled and thinned together."""

from __future__ import annotations

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import GradCAM, IntegratedGradients, Saliency, SmoothGrad
from tb_attribution_plugin.training.plan import plan
from tests.methods import models


def groups(methods: object, target: object = "label") -> list[list[str]]:
    case = models.case("functional_cnn")
    probe = tba.Probe(case.inputs, case.labels, class_names=["cat", "dog", "cow"])
    found = plan(case.model, probe, methods=methods, target=target, output="margin", batchnorm="moving").groups
    assert list(found) == ["+".join(jobs) for jobs in found.values()]
    return [list(jobs) for jobs in found.values()]


def test_methods_of_one_evaluation_are_a_group_and_slow_ones_are_alone() -> None:
    assert groups([IntegratedGradients(), Saliency(), GradCAM()]) == [
        ["saliency", "grad_cam"],
        ["integrated_gradients"],
    ]


def test_moments_of_one_noise_are_a_group_with_a_tag_each() -> None:
    moments = [SmoothGrad(), SmoothGrad(reduce="square"), SmoothGrad(reduce="variance")]
    assert groups(moments) == [["smooth_grad", "smooth_grad_square", "smooth_grad_variance"]]
    assert groups({"a": SmoothGrad(), "b": SmoothGrad(seed=1)}) == [["a"], ["b"]]
    assert groups(moments[:2], {"cat": "cat", "dog": "dog"}) == [
        ["smooth_grad/cat", "smooth_grad_square/cat"],
        ["smooth_grad/dog", "smooth_grad_square/dog"],
    ]
