"""What a method costs, against the model evaluations it is made of, beside other tools.

    python -m benchmarks.methods [--runs 5] [--models mlp cnn mobilenet] [--methods rise kernel_shap]

The limit is the time of N gradients (forward and backward) in one compiled function, at the batch size, not above N,
at which that is cheapest; the search is printed. They go down to the input, for class activation maps only to their
layer; EigenCAM, Score-CAM (32 channels) and all perturbation methods ask for no gradient, their limit is forward. Path
methods take 16 points, SmoothGrad and Expected Gradients 50 samples. Perturbation methods take about 500 masks of
pictures, absent features are 0, and about 512 coalitions x 100 background rows of the table, LIME 512 rows; 8 examples
are explained, by perturbation 1 of MobileNetV2. Deep SHAP compares with 100 rows of the table, 20 of the small pictures
and 4 of the large ones: 2 gradients for each example and row.

Aims: at most 1.10 of the limit on MobileNetV2, on the small models 1.3 for these and by perturbation, and 3 for the
others. Ours also evaluate f(x) and f(x0), forward, to tell how wrong they are, and the gradient at x, which moments are
taken around: these count in `x limit` and not in `x evaluations`; by perturbation, they are evaluations as all others.
Other tools have rows where they are installed (`make bench-peers`), else the error. One whose first call takes more
than a minute is not called again, and its row says so.
"""

from __future__ import annotations

import argparse
import functools
import os
import resource
from collections.abc import Callable

import tensorflow as tf

from benchmarks import limits, ours, peers, perturbation_peers, rule_peers, tables, torch_peer, torch_perturbations
from benchmarks.comparison import OURS, Entry, rows
from benchmarks.evaluations import AT_LAYER, EXAMPLES, FORWARD, MORE, Evaluations
from benchmarks.models import CASES, TITLES, Case
from benchmarks.torch_models import twin

COLUMNS = ("model", "method", "tool", "evaluations", "best batch", "limit ms", "ms (range)")
RATIOS = ("x limit", "x evaluations", "x ours")


class Tools:
    """Calls by method, ours first; a tool that cannot even be set up has a row."""

    def __init__(self, asked: dict[str, Evaluations]) -> None:
        self.entries: dict[str, list[Entry]] = {method: [] for method in asked}
        self.errors: list[tuple[str, str]] = []

    def add(self, library: str, tool: str, make: Callable[[], peers.Calls]) -> None:
        """Args:
        library: whose evaluations it is compared with, "TensorFlow" or "torch".
        """
        try:
            calls = make()
        except Exception as error:  # whatever a peer does wrong is its row
            self.errors.append((tool, peers.reason(error)))
            return
        for method in self.entries.keys() & calls.keys():
            self.entries[method].append(Entry(library, tool, calls[method]))


def measure(name: str, runs: int, wanted: list[str] | None) -> None:
    case = CASES[name](EXAMPLES)
    perturbed = case._replace(inputs=case.inputs[: case.perturbed])
    calls, asked = ours.calls(case, ours.by_gradients(case) + ours.by_rules(case), wanted)
    more, of_perturbations = ours.calls(perturbed, ours.by_perturbation(perturbed), wanted)
    calls, asked = calls | more, asked | of_perturbations
    kinds = {one.kind for one in asked.values()} | {one.kind for (_, method), one in MORE.items() if method in asked}
    searches: dict[str, limits.Search] = {}

    def search(library: str, found: dict[str, limits.Evaluations]) -> None:
        for kind in sorted(kinds & found.keys()):
            title = f"{TITLES[name]}, {library}{kind}"
            searches[library + kind] = limits.searched(title, found[kind], runs)

    search("TensorFlow", of_tensorflow(case))
    tools = Tools(asked)
    tools.add("TensorFlow", OURS, lambda: calls)
    for peer, make in peers.PEERS.items():
        tools.add("TensorFlow", peers.titled(peer), functools.partial(make, case))
    for peer, make in rule_peers.PEERS.items():
        tools.add("TensorFlow", peers.titled(peer), functools.partial(make, case))
    if of_perturbations:
        at_best = perturbed._replace(largest=searches["TensorFlow" + FORWARD].fastest)
        for peer, make in perturbation_peers.PEERS.items():
            tools.add("TensorFlow", peers.titled(peer), functools.partial(make, at_best))

    def captum() -> peers.Calls:
        found, by_kind = torch_peer.captum(name, case)
        search("torch", by_kind | {FORWARD: torch_perturbations.forwards(name, case)})
        if of_perturbations:
            at_best = perturbed._replace(largest=searches["torch" + FORWARD].fastest)
            found |= torch_perturbations.captum(name, at_best)
        return found

    tools.add("torch", peers.titled("captum"), captum)
    tools.add("torch", f"{peers.titled('shap')}, torch", lambda: rule_peers.shap_of_torch(twin(name)[0].eval(), case))
    print()
    tables.head((*COLUMNS, *RATIOS))
    for tool, error in tools.errors:
        tables.row([TITLES[name], "-", tool, "", "", "", error, "", "", ""])
    for method, evaluations in asked.items():
        for cells in rows(tools.entries[method], evaluations, MORE.get((OURS, method)), searches, runs):
            tables.row([TITLES[name], method, *cells])
    print()


def of_tensorflow(case: Case) -> dict[str, limits.Evaluations]:
    """By kind."""
    found = {
        "": limits.gradients(case.model, case.inputs, case.largest),
        FORWARD: limits.forwards(case.model, case.inputs, case.forward),
    }
    if case.layer:
        found[AT_LAYER] = limits.gradients(case.model, case.inputs, case.largest, case.layer)
    return found


def bound_memory() -> None:
    """Lets a peer that takes more than this machine has fail in its own row, instead of ending the benchmark."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (int(0.8 * total), most))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--models", nargs="+", choices=list(CASES), default=["mlp", "cnn", "mobilenet"])
    parser.add_argument("--methods", nargs="+", metavar="METHOD", help="by their string names; all without it")
    arguments = parser.parse_args()
    bound_memory()
    tf.get_logger().setLevel("ERROR")  # one function per batch size looks like needless retracing
    # On a GPU: ours multiplies in float32, so the limit does.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    device = tf.config.list_physical_devices()[-1].device_type
    print(f"{EXAMPLES} examples, median of {arguments.runs} rounds on {device}, TensorFlow {tf.__version__}\n")
    for name in arguments.models:
        measure(name, arguments.runs, arguments.methods)


if __name__ == "__main__":
    main()
