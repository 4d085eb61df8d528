"""What a step of a log takes, of the results of its groups."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_attribution_plugin.attribution import Attribution

if TYPE_CHECKING:
    from tb_attribution_plugin.training.compiled import Results


class Gathered(NamedTuple):
    """By tag; arguments of `AttributionWriter.write`."""

    attributions: dict[str, Attribution]
    outputs: dict[str, Any]
    targets: dict[str, Any]
    seconds: dict[str, float]


def gathered(results: Mapping[str, Results], computing: Mapping[str, float], by_feature: Container[str]) -> Gathered:
    """Of results by group.

    Args:
      computing: seconds of each group.
      by_feature: tags of scores over other segments than those that the log shows; they lose theirs.
    """
    whole = Gathered({}, {}, {}, {})
    for name, found in results.items():
        for tag, one in found.attributions.items():
            drawable = one._replace(segment_scores=None, errors=None) if tag in by_feature else one
            whole.attributions[tag] = drawable
            # A group's methods share their evaluations; each is shown its part.
            whole.seconds[tag] = computing[name] / len(found.attributions)
        whole.targets.update({tag: columns for tag, columns in found.columns.items() if columns is not None})
        whole.outputs.update(found.predictions)
    return whole
