"""Sheets of a log's maps: a row for each example, columns of series and steps, the scales below."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from tb_attribution_plugin.drawing import by_modality, image_tile, sheet
from tb_attribution_plugin.drawing.legend import Legend, explained
from tb_attribution_plugin.exporting.captions import example_lines, step_name
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.exporting.series_tiles import SeriesTiles

# Parameters that say what the baseline of the probe is used for: of Tree SHAP it is what an absent column is.
_BASED = frozenset({"baseline", "feature_perturbation"})


class Sheets:
    """Draws what was chosen.

    Attributes:
      columns: (tiles, index of the input): what stands side by side at one step.
    """

    def __init__(self, choice: Choice, *, grey: bool = False) -> None:
        """
        Args:
          grey: pictures that are explained are drawn without colours, which are then all the maps' own.
        """
        self.choice = choice
        self._grey = grey
        self.tiles = [SeriesTiles(series, choice.steps) for series in choice.series]
        self.columns = [(tiles, index) for tiles in self.tiles for index in tiles.inputs]
        self._orders: dict[tuple[int, ...], list[int]] = {}

    def draw(self, steps: Sequence[int], *, least: sheet.Room | None = None) -> Image.Image:
        """
        Args:
          least: see `sheet.draw`.
        """
        return sheet.draw(*self._parts(steps), self.legends(), least=least)

    def room(self, steps: Sequence[int]) -> sheet.Room | None:
        """What the sheets of single steps need, each of them."""
        least = None
        for step in steps:
            least = sheet.room(*self._parts([step]), least)
        return least

    def _parts(self, steps: Sequence[int]) -> tuple[str, list[str], list[sheet.Column]]:
        """Title, lines below it, and columns."""
        columns = [self._examples(), *(self._column(*column, step) for column in self.columns for step in steps)]
        title = f"run {self.choice.run.name}"
        if len(steps) == 1:
            title += f", {step_name(self.choice.run, steps[0])}"
        return title, self.choice.notes, columns

    def cell(self, tiles: SeriesTiles, index: int, step: int, example: int) -> sheet.Cell:
        """One map with what is said of it."""
        shown = tiles.shown(step)
        if shown is None:
            return sheet.Cell(None, [], f"no map before step {min(tiles.series.steps, default=0)}")
        picture, warning = tiles.tile(shown, index, example, self._order(tiles, index))
        still = "" if shown == step else f"still {step_name(self.choice.run, shown)}"
        return sheet.Cell(picture, tiles.lines(shown, example), "; ".join(filter(None, [still, warning])))

    def head(self, tiles: SeriesTiles, index: int) -> list[str]:
        """What a column is of."""
        series, grids = tiles.series, tiles.series.stored.description.grids
        _, _, named = series.tag.partition("/")
        names = [grids[index].input or f"input {index}"] if len(grids) > 1 else []
        return [series.method or series.tag, explained(series.scalar, named or series.target), *names]

    def legends(self) -> list[Legend]:
        """A scale for each series, with all that its numbers depend on."""
        found = []
        for tiles in self.tiles:
            series, (look, notes) = tiles.series, tiles.look
            parameters = ", ".join(f"{name}={value}" for name, value in series.parameters.items())
            baseline = series.probe.baseline if series.probe is not None else ""
            # Of methods that declare parameters, those without a baseline are not measured against one.
            based = baseline and (not series.parameters or not _BASED.isdisjoint(series.parameters))
            said = [*notes, parameters and f"parameters: {parameters}", f"baseline: {baseline}" if based else ""]
            name = series.method if series.method in ("", series.tag) else f"{series.method} ({series.tag})"
            _, _, named = series.tag.partition("/")
            head = f"{name or series.tag}: {explained(series.scalar, named or series.target)}"
            found.append(Legend(head, look.scale, look.colours, series.scalar, [one for one in said if one]))
        return found

    def original(self, example: int) -> sheet.Cell:
        """The example itself, where it is a picture, and what it is."""
        probe = self.choice.series[0].probe
        picture = None if probe is None else probe.picture(example)
        shown = picture and by_modality.original(picture)
        return sheet.Cell(image_tile.grey(shown) if shown and self._grey else shown, example_lines(probe, example))

    def _examples(self) -> sheet.Column:
        return sheet.Column(["example"], [self.original(example) for example in self.choice.examples])

    def _column(self, tiles: SeriesTiles, index: int, step: int) -> sheet.Column:
        cells = [self.cell(tiles, index, step, example) for example in self.choice.examples]
        return sheet.Column([*self.head(tiles, index), step_name(self.choice.run, step)], cells)

    def _order(self, tiles: SeriesTiles, index: int) -> list[int]:
        """One order of the rows of all tables with the same columns."""
        if tiles.modality(index) != "tabular":
            return []
        about = tiles.series.stored.description
        key = (about.units, index, *about.grids[index].shape)
        if key not in self._orders:
            self._orders[key] = tiles.order(index)
        return self._orders[key]
