"""From what a user writes (names, instances, dicts) to tagged methods and targets."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from tb_attribution_plugin import methods

# Two families that fail in different ways: a path method at the pixels, an activation map at the last grid.
DEFAULTS = {
    "image": ("integrated_gradients", "grad_cam"),
    "tabular": ("integrated_gradients", "saliency"),
    "text": ("integrated_gradients", "saliency"),
    "time_series": ("integrated_gradients", "saliency"),
}


def method_classes() -> dict[str, type]:
    """All exported methods by their string name."""
    return {getattr(methods, name).name: getattr(methods, name) for name in methods.__all__}


def method_from(spec: Any) -> Any:
    """An instance from an instance or a string name.

    Raises:
      ValueError: unknown name (with the nearest one), or a name whose method has a required field.
      TypeError: neither a name nor a method.
    """
    classes = method_classes()
    if isinstance(spec, str):
        if spec not in classes:
            by_class = {kind.__name__: name for name, kind in classes.items()}
            near = [by_class[spec]] if spec in by_class else difflib.get_close_matches(spec, classes, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"methods: {', '.join(sorted(classes))}"
            raise ValueError(f"unknown method {spec!r}; {hint}")
        required = [
            field.name
            for field in dataclasses.fields(classes[spec])
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        ]
        if required:
            name = classes[spec].__name__
            raise ValueError(f"method {spec!r} needs {required}: pass tba.methods.{name}({required[0]}=...)")
        return classes[spec]()
    if inspect.isclass(spec):
        raise TypeError(f"method must be an instance: write tba.methods.{spec.__name__}(), with its parentheses")
    if not (dataclasses.is_dataclass(spec) and callable(spec) and isinstance(getattr(spec, "name", None), str)):
        raise TypeError(f"method must be a string name or an instance from tba.methods; got {spec!r}")
    return spec


def tagged_methods(spec: Any, modality: str) -> dict[str, Any]:
    """Methods by tag.

    Args:
      spec: None (two families that suit the modality), a name or instance, a list of them, or {tag: method}.
    """
    if spec is None:
        spec = DEFAULTS[modality]
    if isinstance(spec, Mapping):
        if not spec:
            raise ValueError("methods is empty: name at least one, e.g. methods=['integrated_gradients']")
        return {_tag(tag, "a method"): method_from(one) for tag, one in spec.items()}
    if isinstance(spec, Iterator):  # a generator, which is gone through once
        spec = list(spec)
    if isinstance(spec, str) or not isinstance(spec, list | tuple | set | frozenset):
        spec = [spec]
    if not spec:
        raise ValueError("methods is empty: name at least one, e.g. methods=['integrated_gradients']")
    found: dict[str, Any] = {}
    for method in map(method_from, spec):
        tag = getattr(method, "tag", method.name)
        if tag in found:
            raise ValueError(
                f"two methods have the tag {tag!r}; pass a dict to name them, "
                f"e.g. methods={{'{tag}': ..., '{tag}_2': ...}}"
            )
        found[tag] = method
    return found


def tagged_targets(spec: Any) -> dict[str, Any]:
    """Targets by the suffix they give the tag; the only target of a fit has the suffix ""."""
    if not isinstance(spec, Mapping):
        return {"": spec}
    if not spec:
        raise ValueError("target is an empty dict: name at least one, e.g. target={'cat': 'cat', 'dog': 'dog'}")
    return {"/" + _tag(tag, "a target"): one for tag, one in spec.items()}


def parameters(method: Any) -> dict[str, Any]:
    """A method's fields."""
    return {field.name: getattr(method, field.name) for field in dataclasses.fields(method)}


def _tag(tag: Any, what: str) -> str:
    if not isinstance(tag, str) or not tag or tag != tag.strip("/ ") or len(tag) > 200 or set(tag) & set('"\\\n'):
        raise ValueError(
            f"the tag of {what} must be short, without quotes and backslashes, and no '/' at its ends; got {tag!r}"
        )
    return tag
