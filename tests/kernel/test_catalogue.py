"""Catalogues: found by name, imported only when asked for, closed to strangers' names."""

import sys
from importlib.metadata import EntryPoint

import pytest

from modelwright.kernel.catalogue import Catalogue
from modelwright.kernel.errors import OurFault, UnknownName

SHAPES = {"path": "pathlib:PurePosixPath", "fraction": "fractions:Fraction"}


def test_a_member_is_found_by_its_name():
    """And is what its place holds."""
    catalogue = Catalogue[type]("shapes", SHAPES)
    assert catalogue.names() == ("fraction", "path")
    assert catalogue.get("fraction").__name__ == "Fraction"


def test_listing_imports_nothing():
    """A catalogue of heavy members is free until one is used."""
    catalogue = Catalogue[type]("shapes", {"heavy": "xml.dom.pulldom:PullDOM"})
    sys.modules.pop("xml.dom.pulldom", None)
    assert catalogue.names() == ("heavy",)
    assert "xml.dom.pulldom" not in sys.modules
    assert catalogue.get("heavy").__name__ == "PullDOM"
    assert "xml.dom.pulldom" in sys.modules


def test_an_unknown_member_offers_the_nearest():
    """In the singular: one shape, many shapes."""
    with pytest.raises(UnknownName, match="unknown shape 'pathh'") as caught:
        Catalogue[type]("shapes", SHAPES).get("pathh")
    assert caught.value.next_step == "did you mean 'path'?"


@pytest.mark.parametrize("place", ["no.such.module:X", "pathlib:NoSuchThing", "pathlib"])
def test_a_member_that_cannot_be_loaded_is_our_fault(place):
    """It names the place and what to do."""
    with pytest.raises(OurFault, match="cannot be loaded"):
        Catalogue[type]("shapes", {"broken": place}).get("broken")


def test_installed_packages_join_by_entry_points(tmp_path):
    """Built-ins and plugins enter by the same door; a plugin does not replace a built-in."""
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n", encoding="utf-8")
    points = "[modelwright.toys]\nball = fractions:Fraction\nkite = decimal:Decimal\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        catalogue = Catalogue[type]("toys", {"ball": "pathlib:PurePosixPath"})
        assert catalogue.names() == ("ball", "kite")
        assert catalogue.get("kite").__name__ == "Decimal"
        assert catalogue.get("ball").__name__ == "PurePosixPath"
    finally:
        sys.path.remove(str(tmp_path))
    assert (
        EntryPoint(name="kite", value="decimal:Decimal", group="modelwright.toys").load().__name__
        == "Decimal"
    )
