"""A sheet that texts are written and pictures are laid on."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageDraw

from tb_attribution_plugin.drawing import fonts

WHITE, INK, QUIET, WARN = "#ffffff", "#1b1f23", "#57606a", "#8a4600"
LINE_INK = "#d0d7de"

# 100 million pixels: 300 MB, more than viewers open.
MAX_PIXELS = 10**8


class Paper:
    def __init__(self, width: int, height: int) -> None:
        """
        Raises:
          ValueError: more pixels than a viewer opens.
        """
        if width * height > MAX_PIXELS:
            raise ValueError(
                f"the picture would have {width} x {height} pixels, more than {MAX_PIXELS}; "
                "choose fewer examples, series or steps"
            )
        self.image = Image.new("RGB", (width, height), WHITE)
        self.pen = ImageDraw.Draw(self.image)

    def write(
        self,
        line: str,
        x: float,
        y: float,
        *,
        ink: str = INK,
        bold: bool = False,
        size: int = fonts.SIZE,
        to: str = "l",
    ) -> None:
        """One readable line; `to`: "l" begins at x, "m" has its middle there, "r" ends there."""
        self.pen.text((x, y), line, ink, fonts.font(size, bold), f"{to}a")

    def write_lines(self, lines: Iterable[tuple[str, str, bool]], x: int, y: int) -> int:
        """Lines of (text, ink, bold), and where the next one would stand."""
        for line, ink, bold in lines:
            self.write(line, x, y, ink=ink, bold=bold)
            y += fonts.LINE
        return y

    def lay(self, picture: Image.Image, x: int, y: int) -> None:
        self.image.paste(picture, (x, y))
