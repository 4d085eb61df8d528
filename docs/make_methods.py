"""Makes docs/methods.md from the docstrings, the fields and the class variables of the methods.

Usage: python docs/make_methods.py
"""

from __future__ import annotations

import dataclasses
import inspect
import pathlib
import re
import textwrap
from typing import Any, NamedTuple

import numpy as np

import tb_attribution_plugin as tba
from tb_attribution_plugin import methods
from tb_attribution_plugin.methods.backward import differences

PAGE = pathlib.Path(__file__).with_name("methods.md")
SOURCE = pathlib.Path(tba.__file__).parent

HEAD = """\
# Methods

<!-- Made by `make docs` from the docstrings of tb_attribution_plugin/methods: change those. -->

f is the explained scalar, x the input, x0 a baseline; the [README](../README.md) says what is explained and what
`"auto"` stands for.

Scores live where an input becomes a float: at the input itself, and for ids at the vectors that embeddings make of
them. **Masks and positions stay those of x, for f(x0) too**: the steps that a `Masking` layer or `mask_zero=True`
leaves out at x are left out at every x0 and at every point of a path, so that what is explained is what the steps hold,
and never how many there are. Where x0 alone would be masked otherwise, f(x0) is therefore not `model(x0)`, and scores
add up to the difference between the two under the mask of x. An integer input that is also read as a number beside its
embedding is refused. The columns of the tables:

- **cost**: model evaluations per example, forward or forward and backward, with the defaults and one baseline; `"auto"`
  takes two for images. What perturbs only needs the forward passes, which plain functions have too; K is the number of
  background rows, or points of the baseline.
- **error**: what `Attribution.residual` holds. The gap is what scores lack to add up to f(x) - f(x0); a standard error
  is summed over the example.
- **additive**: sums over scores mean something.
- **signed**: scores below 0 speak against the target.
- **by class**: the map depends on the target. **by weights**: it depends on the weights of all layers.
"""
FACTS = "| method | cost | error | additive | signed | by class | by weights |\n|---|---|---|---|---|---|---|"
FIELDS = "| parameter | default | meaning |\n|---|---|---|"
FAMILIES = ("Gradient", "Path", "Rules", "Attention", "At a layer", "Class activation", "Perturbation")


OPERATIONS = """\
## Operations

DeepLIFT and Deep SHAP follow these, in functions that are called and on both sides of a branch too; recurrent layers
are written out step by step. D is the difference between the input and the reference. Deconvolution and guided
backpropagation take their gradients; LRP and AttnLRP have rules of their own for them (layerwise.py and relevance.py
beside [kinds.py](../tb_attribution_plugin/methods/backward/kinds.py)), and give nothing to conditions and indices.
Any other operation on the way is an error that names it and its layer.
"""
_COST = re.compile(r"Cost is\s(.*?)\.(?=\s|$)", re.DOTALL)


class Doc(NamedTuple):
    """A class docstring in its parts; `body` alternates between prose and formulas as it stands there."""

    body: list[str]
    misleads: str
    fields: dict[str, str]


def page() -> str:
    shown = [getattr(methods, name) for name in methods.__all__]
    parts = [HEAD]
    for family in FAMILIES:
        members = [method for method in shown if family_of(method) == family]
        parts += [f"## {family}\n", "\n".join([FACTS, *map(facts, members)]) + "\n", *map(section, members)]
    return "\n".join([*parts, operations()])


def operations() -> str:
    """The types of operations that have a rule of differences, as the errors of these methods name them."""
    head = "| operations of the graph | what goes back to their inputs |\n|---|---|"
    rows = [_row(", ".join(f"`{name}`" for name in sorted(one.types)), _cell(one.words)) for one in differences.RULED]
    return "\n".join([OPERATIONS, head, *rows]) + "\n"


def family_of(method: Any) -> str:
    """By its fields. A layer can be left open where only those with a grid count."""
    fields = {field.name: field for field in dataclasses.fields(method)}
    if hasattr(method, "joins_targets"):
        return "Perturbation"
    if hasattr(method, "rules"):
        return "Rules"
    if method in (methods.AttentionRollout, methods.TransformerRelevance):
        return "Attention"
    if "layer" in fields:
        return "At a layer" if fields["layer"].default is dataclasses.MISSING else "Class activation"
    return "Path" if {"baseline", "background", "steps"} & fields.keys() else "Gradient"


def facts(method: Any) -> str:
    one = _example(method)
    flags = (one.additive, one.signed, one.class_sensitive, one.weight_sensitive)
    name = method.__name__
    cells = [f"[{name}](#{name.lower()})", cost(method), one.error_kind.replace("_", " ")]
    return _row(*cells, *("yes" if flag else "no" for flag in flags))


def cost(method: Any) -> str:
    """With the defaults, and what another baseline or channel adds; in words where it depends on the segments."""
    if hasattr(method, "joins_targets"):
        return _prose(" ".join(_COST.findall(inspect.getdoc(method) or "")))
    points = [tba.methods.baselines.Points(np.zeros((count, 1)), "") for count in (1, 2)]
    text = str(_example(method).cost())
    for field, word, few, more in (("baseline", "further baseline", *points), ("channels", "channel", 1, 2)):
        if field in _names(method):
            each = _example(method, **{field: more}).cost() - _example(method, **{field: few}).cost()
            text += f", and {each} for each {word}" if each else ""
    return text


def section(method: Any) -> str:
    doc = parsed(method)
    defaults = {field.name: _default(field) for field in dataclasses.fields(method)}
    table = [_row(f"`{name}`", defaults[name], _cell(meaning)) for name, meaning in doc.fields.items()]
    parts = [f"### {method.__name__}", f"`{method.name}`. {doc.body[0]}", *doc.body[1:], doc.misleads]
    return "\n\n".join([*parts, *(["\n".join([FIELDS, *table])] if table else [])]) + "\n"


def parsed(method: Any) -> Doc:
    """Raises ValueError where a field has no words, or nothing says when the method misleads."""
    text, _, attributes = (inspect.getdoc(method) or "").partition("\n\nAttributes:\n")
    fields = dict(re.findall(r"^(\w+): (.*(?:\n .*)*)", textwrap.dedent(attributes), re.MULTILINE))
    if list(fields) != _names(method):
        raise ValueError(
            f"{method.__name__} has the fields {_names(method)}, but its docstring those of {list(fields)}"
        )
    misleads = re.search(r"\s*\bIt misleads\b.*?\.(?=\s|$)", text, re.DOTALL)
    if misleads is None:
        raise ValueError(f"the docstring of {method.__name__} must have a sentence that begins with 'It misleads'")
    text = text[: misleads.start()] + text[misleads.end() :]
    body = [_paragraph(one) for one in re.split(r"\n\s*\n", text) if one.strip()]
    warning = _prose(misleads[0]).replace("It misleads", "**It misleads**", 1)
    return Doc(body, warning, {name: _prose(meaning) for name, meaning in fields.items()})


def _paragraph(text: str) -> str:
    if not text.startswith("    "):
        return _prose(text)
    return f"```\n{textwrap.dedent(text).rstrip()}\n```"


def _prose(text: str) -> str:
    """On one line, with links, and with no sign that Markdown would take for its own."""
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    pieces[::2] = [re.sub(r"([*<])", r"\\\1", piece) for piece in pieces[::2]]
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", "".join(pieces))
    return re.sub(r"(?:\w+/)?\w+\.py\b", lambda found: _file(found[0]), text)


def _file(name: str) -> str:
    path = next((path for path in (SOURCE / "methods" / name, SOURCE / name) if path.is_file()), None)
    if path is None:
        raise ValueError(f"a docstring names {name}, which is no file of the package")
    return f"[{name}](../{path.relative_to(SOURCE.parent)})"


def _example(method: Any, **fields: Any) -> Any:
    """The method with its defaults; a layer that has none is named by its own word, a window is of one feature."""
    missing = [field.name for field in dataclasses.fields(method) if field.default is dataclasses.MISSING]
    needed = {name: 1 if name == "window" else name for name in missing}
    return method(**{**needed, **fields})


def _names(method: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(method)]


def _default(field: dataclasses.Field[Any]) -> str:
    return "required" if field.default is dataclasses.MISSING else f"`{field.default!r}`".replace("'", '"')


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page())
