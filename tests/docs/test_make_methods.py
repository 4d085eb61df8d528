"""The page about the methods is what their docstrings say."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tb_attribution_plugin import methods

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_methods", DOCS / "make_methods.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "methods.md").read_text()


def test_the_committed_page_is_what_make_docs_makes(maker: ModuleType, page: str):
    assert page == maker.page(), "docs/methods.md is stale: run make docs and commit"


def test_every_method_has_one_section_and_says_when_it_misleads(page: str):
    sections = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    assert sorted(section.split("\n")[0] for section in sections) == sorted(methods.__all__)
    assert [section.count("**It misleads**") for section in sections] == [1] * len(sections)


def test_every_link_into_the_repository_is_there(page: str):
    links = re.findall(r"\]\((\.\./[^)]+)\)", page)
    assert links
    assert [link for link in links if not (DOCS / link).is_file()] == []


def test_the_readme_links_to_each_section_once():
    links = re.findall(r"\[`(\w+)`\]\(docs/methods\.md#(\w+)\)", (DOCS.parent / "README.md").read_text())
    assert sorted(links) == sorted((name, name.lower()) for name in methods.__all__)


def test_costs_are_those_of_the_defaults(maker: ModuleType):
    assert maker.cost(methods.Saliency) == "1"
    assert maker.cost(methods.SmoothGrad) == "51"  # 50 samples and x itself
    # 16 points and the baseline's own value for each baseline, and f(x)
    assert maker.cost(methods.IntegratedGradients) == "18, and 17 for each further baseline"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Undocumented:
    """A method.

    It misleads.

    Attributes:
      layer: its layer.
    """

    layer: str
    steps: int = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flattering:
    """A method that is always right."""


def test_a_field_without_words_is_an_error(maker: ModuleType):
    with pytest.raises(ValueError, match=r"Undocumented has the fields \['layer', 'steps'\], .* \['layer'\]"):
        maker.parsed(Undocumented)


def test_a_docstring_that_does_not_say_when_it_misleads_is_an_error(maker: ModuleType):
    with pytest.raises(ValueError, match="docstring of Flattering must have a sentence"):
        maker.parsed(Flattering)


def test_a_method_finds_its_family_by_its_fields(maker: ModuleType):
    families = {
        "Gradient": methods.Saliency,
        "Path": methods.BlurIG,
        "At a layer": methods.LayerConductance,
        "Class activation": methods.GradCAM,
    }
    assert {maker.family_of(method): method for method in families.values()} == families
