"""What is said when training starts."""

from __future__ import annotations

from types import SimpleNamespace

from tb_attribution_plugin.training.start_line import cost_line, jobs_line, total_line


def test_methods_that_share_their_evaluations_are_named_with_one_cost() -> None:
    def job(cost: int) -> SimpleNamespace:
        target = SimpleNamespace(name="label", scalar="margin")
        return SimpleNamespace(method=SimpleNamespace(cost=lambda: cost), target=target)

    cheap = {"saliency": job(1), "grad_cam": job(1)}
    noise = {"smooth_grad": job(51), "smooth_grad_square": job(51)}
    line = jobs_line({"cheap": cheap, "noise": noise}, SimpleNamespace(size=5, modality="image"))
    methods = "saliency (1 evaluation), grad_cam (1 evaluation), smooth_grad + smooth_grad_square (51 evaluations)"
    assert line == f"{methods} of 5 image examples, target label (margin)"


def test_what_one_log_costs() -> None:
    assert cost_line(40, 0.214, 12_340, 3.26) == "0.21 s and 12.3 kB per log (step 40), 3.3 s of tracing"


def test_what_all_logs_cost() -> None:
    assert total_line(61, 0.6, 999_900, 0.05) == "at most 61 logs, < 1 s and 999.9 kB"
    assert total_line(61, 10.0, 1_000_000, 0.05) == "at most 61 logs, 10 s and 1.0 MB"


def test_the_share_is_named_where_it_may_thin() -> None:
    assert total_line(9, 12.0, 5e6, 0.05) == "at most 9 logs, 12 s (as far as 5% of the training time allow) and 5.0 MB"
    assert total_line(9, 12.0, 5e6, None) == "at most 9 logs, 12 s and 5.0 MB"
