from __future__ import annotations

from tb_attribution_plugin.backend import listing
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError
from tests.backend.lists import listed_blobs


def test_runs_that_together_are_more_than_can_be_sent_are_listed_in_halves() -> None:
    asked = []

    def ask(runs: list[str]) -> listing.Found:
        asked.append("".join(runs))
        if len(runs) > 2:
            raise TooMuchError("more than 256 MiB")
        return {run: {"maps/ig": listed_blobs()} for run in runs}

    unlisted: dict[str, UnreadableError | TooMuchError] = {}
    assert set(listing.in_parts(ask, "abcde", unlisted)) == set("abcde")
    assert asked == ["abcde", "ab", "cde", "c", "de"]
    assert unlisted == {}


def test_of_runs_that_are_too_large_together_the_largest_are_left_out_with_their_size() -> None:
    sizes = {"small": 1, "large": 40, "also small": 2, "larger": 50}  # MiB

    def ask(runs: list[str]) -> listing.Found:
        return {run: {"maps/ig": listed_blobs(bytes(sizes[run] << 19), "x" * (sizes[run] << 19))} for run in runs}

    unlisted: dict[str, UnreadableError | TooMuchError] = {}
    assert set(listing.in_parts(ask, sizes, unlisted)) == {"small", "large", "also small"}
    assert str(unlisted["larger"]) == "its tags have 50 MiB of names and metadata; 64 MiB of all runs are listed"
    assert set(unlisted) == {"larger"}
