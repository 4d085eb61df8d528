"""What a terminal is shown: text of a log that may be anybody's, as it obeys control characters; and counts."""

from __future__ import annotations

_LONGEST = 2000


def printable(text: str) -> str:
    """The text with what is not printable as escapes, line ends aside; cut where it is very long."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"
    return "\n".join(map(_escaped, shown.split("\n")))


def printable_line(text: str) -> str:
    """The same, with line ends escaped as well."""
    return printable(text.replace("\n", "\\n"))


def counted(number: int, one: str, more: str | None = None) -> str:
    """With the word in singular or plural: 1 step, 2,000 steps."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _escaped(line: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in line)
