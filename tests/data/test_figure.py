"""Figures: complete, the same for the same numbers, and safe to put in a page."""

from xml.etree import ElementTree as ET

import pytest

from modelwright.data.figure import Line, Mark, bars, histogram, line


def drawn_line():
    """A line with everything a line can have."""
    return line(
        [
            Line(
                name="model <b>", x=(0, 0.5, 1), y=(0, 0.8, 1), low=(0, 0.7, 1), high=(0, 0.9, 1), points=True
            ),
            Line(name="", x=(0, 1), y=(0, 1)),
        ],
        title='ROC & "more"',
        x_label="false positive rate ($)",
        y_label="true positive rate",
        diagonal=True,
        marks=[Mark(x=0.3, text="threshold")],
    )


FIGURES = {
    "line": drawn_line,
    "bars": lambda: bars(
        ["age", "x" * 50], [0.4, 0.2], title="Importance", x_label="share", errors=[(0.3, 0.5), None]
    ),
    "no bars": lambda: bars([], [], title="Nothing", x_label="share"),
    "histogram": lambda: histogram([0, 1, 2], {"then": [3, 1], "now": [0, 0]}, title="Age", x_label="years"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_svg_element_that_scales(name):
    """It parses, has a name for screen readers, and takes the width of the page."""
    svg = FIGURES[name]()
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.get("viewBox")
    assert root.get("width") is None
    assert root.get("height") is None


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_numbers_give_the_same_bytes(name):
    """Reports are compared and digested."""
    assert FIGURES[name]() == FIGURES[name]()


def test_words_stay_words():
    """They can be searched, read aloud, and never become markup or formulas."""
    text = "".join(ET.fromstring(drawn_line()).itertext())  # noqa: S314 - our own text
    for word in ("model <b>", 'ROC & "more"', "false positive rate ($)", "threshold"):
        assert word in text
