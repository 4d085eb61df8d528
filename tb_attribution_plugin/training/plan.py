"""What will be explained: methods and targets resolved for a model and a probe, in groups that share evaluations."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import baselines, targets
from tb_attribution_plugin.methods.columns import class_indices
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training import categories, selection, soundness, token_ids
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.compiled import Job
from tb_attribution_plugin.training.group import Group
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.probe_segments import ProbeSegments, shown
from tb_attribution_plugin.training.resolution import resolved
from tb_attribution_plugin.training.warmth import Warmth


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """Resolved jobs by tag.

    Attributes:
      statistics: of BatchNormalization since training started.
      batchnorm: "moving" or "debiased": the statistics that the maps are computed with.
      warmth: None where the model has no BatchNormalization, or does not tell classes apart.
      units: tags of scores of units of a layer, which have no place in the input that is shown.
      segments: ids that the log shows where the probe names none, or None.
      by_feature: tags of scores over other segments than those that the log shows.
      groups: by name; each is compiled and scheduled as one.
      variables: of the model.
      waits_for: the smallest trained variable, which every training step writes; None where nothing is trained.
      notes: decisions that the user should know of, one line each.
    """

    network: KerasModel
    statistics: DebiasedStatistics
    batchnorm: str
    warmth: Warmth | None
    jobs: dict[str, Job]
    units: frozenset[str]
    segments: Any
    by_feature: frozenset[str]
    groups: dict[str, dict[str, Job]]
    variables: list[Any]
    waits_for: Any
    notes: list[str]

    def compiled(self, inputs: Any) -> dict[str, Group]:
        """Traces every group.

        Raises:
          ValueError: a method does not fit the model; names its tag.
        """
        found = {}
        for name, jobs in self.groups.items():
            try:
                found[name] = Group(name, self.network, inputs, jobs)
            except Exception as error:
                raise ValueError(f"attribution {', '.join(jobs)} cannot be traced: {error}") from error
        return found

    def drain(self) -> None:
        """Waits until the device has finished the training step, whose time is not attribution's."""
        if self.waits_for is not None:
            np.asarray(self.waits_for)

    def baseline(self) -> str:
        """What "feature absent" means for the methods that have a baseline, in words."""
        titles = (getattr(job.method, "baseline", None) for job in self.jobs.values())
        return "; ".join(dict.fromkeys(one.title for one in titles if isinstance(one, baselines.Points)))


def plan(model: Any, probe: Probe, *, methods: Any, target: Any, output: str, batchnorm: str) -> Plan:
    """Resolves what the callback was given.

    Raises:
      ValueError, TypeError: names the argument, its rule, the value and the fix.
    """
    if probe.missing:
        raise ValueError(
            "the probe holds NaN, and a network takes no missing values: drop these examples or fill the gaps"
        )
    inputs = tensors(probe.inputs)
    network = KerasModel(model, inputs)
    ids = network.token_ids(inputs)
    notes = _picture_note(probe) + token_ids.notes(probe, ids, network.calls)
    statistics = DebiasedStatistics(network.calls)
    if batchnorm == "debiased" and statistics:
        network = network.using(statistics)
    named_targets = selection.tagged_targets(target)
    unlabelled = []
    for suffix, spec in named_targets.items():
        if isinstance(spec, str) and spec == "label" and probe.labels is None:
            named_targets[suffix] = "predicted"
            unlabelled.append(suffix)
    found_targets = {
        suffix: targets.resolve(
            spec,
            network.heads,
            examples=probe.size,
            labels=probe.labels,
            class_names=probe.class_names,
            output=output,
        )
        for suffix, spec in named_targets.items()
    }
    if any(found_targets[suffix].scalar != "value" for suffix in unlabelled):
        notes.append("the probe has no labels, so the predicted class is explained")
    if methods is None and probe.modality == "image" and not network.has_grid:
        methods = selection.DEFAULTS["tabular"]
        notes.append("no layer of the model can be drawn unless it is named, so Saliency stands in for Grad-CAM")
    background = None if probe.background is None else tensors(probe.background)
    jobs = {}
    segments = ProbeSegments(probe, ids)
    for tag, method in selection.tagged_methods(methods, probe.modality).items():
        columns = categories.of_probe(network, probe, method)
        concrete = resolved(method, network, inputs, background, segments, columns)
        for suffix, one in found_targets.items():
            jobs[tag + suffix] = Job(concrete, one)
        for field in ("baseline", "background"):
            if baselines.OWN_ROWS in repr(found := getattr(concrete, field, "")):
                notes.append(f"{tag}: {field} is the {found}; pass Probe(background=rows) to choose it")
    notes += [*categories.notes(network, probe), *soundness.notes(network, jobs.values(), inputs)]
    drawn, by_feature = shown(probe, jobs)
    predicts_classes = [head.kind for head in network.heads] in (["classes"], ["binary"])
    warmth = Warmth(network, statistics, inputs, _class_labels(probe)) if statistics and predicts_classes else None
    smallest = min(model.trainable_variables, key=lambda variable: math.prod(variable.shape), default=None)
    return Plan(
        network=network,
        statistics=statistics,
        batchnorm=batchnorm,
        warmth=warmth,
        jobs=jobs,
        units=frozenset(tag for tag, job in jobs.items() if _explains_units(job.method, network, probe.modality)),
        segments=drawn,
        by_feature=by_feature,
        groups=_groups(jobs),
        variables=model.variables,
        waits_for=smallest,
        notes=list(dict.fromkeys(notes)),
    )


def _picture_note(probe: Probe) -> list[str]:
    """Pictures without a channel axis look like series of many channels."""
    shape = probe.arrays[probe.shown].shape
    if probe.modality != "time_series" or len(shape) != 3 or shape[1] != shape[2] or shape[1] < 16:
        return []
    return [
        f"the probe's {shape} is taken for series of {shape[2]} channels; if these are pictures, say "
        "Probe(..., modality='image')"
    ]


def _explains_units(method: Any, network: KerasModel, modality: str) -> bool:
    """True where a layer's output does not have the axes of the input that is shown."""
    at_layer = hasattr(method, "layer") and method.additive
    return at_layer and len(network.shape(method.layer)) - 2 != {"image": 2, "time_series": 1, "text": 1}.get(modality)


def _class_labels(probe: Probe) -> np.ndarray | None:
    """Class indices [B], where the probe knows them."""
    with contextlib.suppress(ValueError):  # none, values of a regression, or several classes at once
        return class_indices(probe.labels)
    return None


def _groups(jobs: dict[str, Job]) -> dict[str, dict[str, Job]]:
    """Methods of one evaluation go together, and so do those that share several of one target, or one on several.

    Every other one is alone, so that a slow one can be thinned alone.
    """
    cheap = {tag: job for tag, job in jobs.items() if job.method.cost() == 1}
    sharing: dict[Any, dict[str, Job]] = {}
    for tag, job in jobs.items():
        if tag not in cheap:
            shared = getattr(job.method, "shares", None)
            if getattr(job.method, "joins_targets", False):
                key: Any = id(job.method)
            else:
                key = tag if shared is None else (shared, id(job.target))
            sharing.setdefault(key, {})[tag] = job
    return {"+".join(group): group for group in (cheap, *sharing.values()) if group}


def tensors(structure: Any) -> Any:
    return tf.nest.map_structure(lambda array: tf.convert_to_tensor(np.array(array)), structure)
