"""What a method costs, against the model evaluations it is made of, beside other tools.

    python -m benchmarks.methods [--runs 5] [--models mlp cnn mobilenet]

The limit is the time of N gradients (forward and backward) in one compiled function, at the batch size, not above N,
at which that is cheapest; the search is printed. They go down to the input, for class activation maps only to their
layer; EigenCAM and Score-CAM (32 channels) ask for no gradient, their limit is forward. Path methods take 16 points,
SmoothGrad and Expected Gradients 50 samples. Aims: at most 1.10 of the limit on MobileNetV2, on the small models 1.3
for these and 3 for the others. Ours also evaluate f(x) and f(x0), forward, to tell how wrong they are, and the gradient
at x, which moments are taken around: these count in `x limit` and not in `x evaluations`. Other tools have rows where
they are installed (`make bench-peers`), else the error.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import os
import resource
import statistics
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from benchmarks import limits, peers, tables, torch_peer
from benchmarks.evaluations import AT_ANY, AT_LAYER, CAMS, EVALUATIONS, EXAMPLES, FORWARD, MORE
from benchmarks.models import CASES, TITLES, Case
from tb_attribution_plugin import methods
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved


def ours(case: Case) -> peers.Calls:
    asked: list[Any] = [methods.Saliency(), methods.InputXGradient()]
    asked.append(methods.IntegratedGradients(steps=peers.STEPS, baseline=0.0))
    asked.append(methods.SmoothGrad(samples=peers.SAMPLES, noise=peers.NOISE))
    asked.append(methods.ExpectedGradients(samples=peers.SAMPLES))
    asked.append(methods.GuidedIG(steps=peers.STEPS, baseline=0.0))
    if case.inputs.ndim == 4:
        asked += [methods.BlurIG(steps=peers.STEPS), methods.XRAI(steps=peers.STEPS, baseline=0.0)]
    if case.layer:
        cams = (methods.GradCAM, methods.GradCAMPlusPlus, methods.XGradCAM, methods.LayerCAM, methods.HiResCAM)
        asked += [cam(layer=case.layer) for cam in (*cams, methods.EigenCAM)]
        asked.append(methods.ScoreCAM(layer=case.layer, channels=peers.CHANNELS))
        asked.append(methods.LayerGradientXActivation(layer=case.layer))
        asked += [
            path(layer=case.layer, steps=peers.STEPS, baseline=0.0)
            for path in (methods.LayerIntegratedGradients, methods.LayerConductance)
        ]
    inputs = tf.constant(case.inputs)
    network = KerasModel(case.model, inputs)
    target = targets.resolve(peers.CLASS, network.heads, examples=len(case.inputs), output="logits")

    def compiled(method: Any) -> Callable[[], Any]:
        return Compiled(network, inputs, {"it": Job(resolved(method, network, inputs), target)})

    return {method.name: compiled(method) for method in asked}


class Report:
    """One model's calls: those that work are timed, the others keep their error."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self.calls: dict[str, Callable[[], Any]] = {}
        self.errors: list[tuple[str, str, str]] = []

    def add(self, tool: str, limit: str, make: Callable[[], peers.Calls]) -> None:
        """Args:
        limit: whose evaluations it is compared with, "TensorFlow" or "torch".
        """
        try:
            calls = make()
        except Exception as error:  # whatever a peer does wrong is its row
            self.errors.append((tool, "-", peers.reason(error)))
            return
        for method, call in calls.items():
            if method not in self._names:
                continue
            quiet = _quiet(call)
            try:
                quiet()
                self.calls[f"{limit}/{tool}/{method}"] = quiet
            except Exception as error:
                self.errors.append((tool, method, peers.reason(error)))


def _quiet(call: Callable[[], Any]) -> Callable[[], Any]:
    """Progress bars would cost time and tear the table."""

    def quiet() -> Any:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return call()

    return quiet


def measure(name: str, runs: int) -> None:
    case = CASES[name](EXAMPLES)
    searched = {
        "TensorFlow": limits.gradients(case.model, case.inputs, case.largest),
        "TensorFlow" + FORWARD: limits.forwards(case.model, case.inputs, 2 * EXAMPLES),
    }
    if case.layer:
        searched["TensorFlow" + AT_LAYER] = limits.gradients(case.model, case.inputs, case.largest, case.layer)
    report = Report([method for method in EVALUATIONS if case.layer or method not in (*CAMS, *AT_ANY)])
    report.add("ours", "TensorFlow", lambda: ours(case))
    for peer, make in peers.PEERS.items():
        report.add(peers.titled(peer), "TensorFlow", functools.partial(make, case))

    def captum() -> peers.Calls:
        calls, searched["torch"], at_layer = torch_peer.captum(name, case)
        if at_layer:
            searched["torch" + AT_LAYER] = at_layer
        return calls

    report.add(peers.titled("captum"), "torch", captum)
    steps = {f"{library} {batch}": call for library, at in searched.items() for batch, call in at.items()}
    times = tables.milliseconds(steps | report.calls, runs)
    for library, at in searched.items():
        each = {batch: statistics.median(times[f"{library} {batch}"]) / batch for batch in at}
        print(
            f"{TITLES[name]}, {library}, ms per evaluation by batch: "
            + ", ".join(f"{b}: {t:.3g}" for b, t in each.items())
        )
    print()
    titles = ["model", "method", "tool", "evaluations", "best batch", "limit ms", "ms (range)"]
    tables.head([*titles, "x limit", "x evaluations", "x ours"])
    for key in report.calls:
        library, tool, method = key.split("/")
        # In pairs: what slows the machine for a while slows both.
        limit, evaluations = EVALUATIONS[method].limit(library, searched, times)
        own, total = evaluations, limit.milliseconds
        if (tool, method) in MORE:
            further, forward = MORE[tool, method].limit(library, searched, times)
            own, total = [a + b for a, b in zip(own, forward, strict=True)], total + further.milliseconds
        ratios = (own, evaluations, times[f"TensorFlow/ours/{method}"])
        against = [f"{tables.paired_ratio(times[key], other):.2f}" for other in ratios]
        cells = [EVALUATIONS[method].number, limit.batch, f"{total:.2f}", tables.spread(times[key])]
        tables.row([TITLES[name], method, tool, *cells, *against])
    for tool, method, error in report.errors:
        tables.row([TITLES[name], method, tool, "", "", "", error, "", "", ""])
    print()


def bound_memory() -> None:
    """Lets a peer that takes more than this machine has fail in its own row, instead of ending the benchmark."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (int(0.8 * total), most))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--models", nargs="+", choices=list(CASES), default=["mlp", "cnn", "mobilenet"])
    arguments = parser.parse_args()
    bound_memory()
    tf.get_logger().setLevel("ERROR")  # one function per batch size looks like needless retracing
    # On a GPU: ours multiplies in float32, so the limit does.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    device = tf.config.list_physical_devices()[-1].device_type
    print(f"{EXAMPLES} examples, median of {arguments.runs} rounds on {device}, TensorFlow {tf.__version__}\n")
    for name in arguments.models:
        measure(name, arguments.runs)


if __name__ == "__main__":
    main()
