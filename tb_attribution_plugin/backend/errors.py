"""What can be wrong with a request, said without HTTP; `answers` gives each kind its status."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_LONGEST_SHOWN = 120
_MOST_SHOWN = 10


class RequestError(Exception):
    """A request that has no answer.

    Attributes:
      code: a word that a program can compare.
      hint: what to do about it; "" when there is nothing to add.
    """

    code = "internal"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadParameterError(RequestError):
    code = "bad_parameter"


class NotFoundError(RequestError):
    code = "not_found"


class TooMuchError(RequestError):
    """The answer would be larger than one answer may be."""

    code = "too_much"


class UnreadableError(RequestError):
    """The data is there but is not what a writer wrote."""

    code = "unreadable"


class UnavailableError(RequestError):
    """TensorBoard's data server is gone or too busy."""

    code = "unavailable"


class NoBundleError(RequestError):
    """The page was not built."""

    code = "no_bundle"


def shown(name: object) -> str:
    """`name` quoted for a message: names come from files that anybody may have written."""
    text = repr(name)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}... ({len(text)} characters)"


def candidates(wanted: str, known: Iterable[str]) -> str:
    """Hint that lists names like `wanted` first, at most ten of them."""
    names = sorted(known)
    if not names:
        return "there are none"
    # Close matches cost the product of the lengths; a hostile name must not buy minutes of that.
    short = [name for name in names[:1000] if len(name) <= _LONGEST_SHOWN]
    close = difflib.get_close_matches(wanted[:_LONGEST_SHOWN], short, n=_MOST_SHOWN)
    listed = (close + [name for name in names if name not in close])[:_MOST_SHOWN]
    rest = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    return f"known: {', '.join(shown(name) for name in listed)}{rest}"


def missing(run: str, tag: str, known: Mapping[str, Iterable[str]], prefix: str = "") -> NotFoundError:
    """Why `known` (tags by run) has no such tag; tags are told apart and shown by what follows `prefix`."""
    tags = {
        name: [one.removeprefix(prefix) for one in of_run if one.startswith(prefix)] for name, of_run in known.items()
    }
    with_any = [name for name, of_run in tags.items() if of_run]
    if run not in with_any:
        return NotFoundError(f"no run {shown(run)} with such data", f"runs {candidates(run, with_any)}")
    return NotFoundError(f"run {shown(run)} has no {shown(tag)}", f"tags {candidates(tag, tags[run])}")
