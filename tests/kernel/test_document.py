"""Documents: one content, two renderings, nothing fetched from elsewhere."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.document import (
    Callout,
    Document,
    Facts,
    Figure,
    Heading,
    Listing,
    Table,
    Text,
    page,
)

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
VOID = {"meta", "br", "hr", "img", "link"}

EVERYTHING = Document(
    title="Report",
    blocks=(
        Heading(text="Risks"),
        Heading(text="Leakage", level=3),
        Text(text="Two findings."),
        Listing(items=("one", "two")),
        Listing(items=("first", "second"), ordered=True),
        Facts(items=(("Rows", "41,188"),)),
        Table(columns=("metric", "value"), rows=(("AUC", "0.79"), ("a|b", "x\ny")), caption="Metrics"),
        Figure(svg="<svg><title>x</title></svg>", caption="Calibration"),
        Callout(tone="failed", text="1 gate failed"),
    ),
)


class Balance(HTMLParser):
    """Counts what is open; at the end nothing is."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        """One more is open."""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """The last one opened is closed first."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """What a reader sees."""
        self.text.append(data)


def balanced(html):
    """Parse a page and return its text."""
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return "".join(parser.text)


def test_markdown_shows_every_block():
    """As a pull request shows it."""
    assert EVERYTHING.to_markdown() == (
        "# Report\n\n## Risks\n\n### Leakage\n\nTwo findings.\n\n- one\n- two\n\n1. first\n2. second\n\n"
        "- **Rows**: 41,188\n\nMetrics\n\n| metric | value |\n"
        "| --- | --- |\n| AUC | 0.79 |\n| a\\|b | x y |\n\n"
        "*Figure: Calibration*\n\n> ✘ 1 gate failed\n"
    )


def test_html_shows_every_block_and_is_well_formed():
    """With the picture as it was drawn."""
    html = EVERYTHING.to_html()
    text = balanced(html)
    for part in (
        "Report",
        "Risks",
        "Two findings.",
        "second",
        "41,188",
        "0.79",
        "Calibration",
        "1 gate failed",
    ):
        assert part in text
    assert "<svg><title>x</title></svg>" in html
    assert "<ol><li>first</li>" in html
    assert "<caption>Metrics</caption>" in html


@given(WORDS, WORDS)
def test_words_are_never_taken_for_markup(title, text):
    """A column named <script> stays a name."""
    document = Document(
        title=title,
        blocks=(
            Heading(text=text),
            Text(text=text),
            Listing(items=(text,)),
            Facts(items=((text, text),)),
            Table(columns=(text,), rows=((text,),), caption=text),
            Callout(tone="note", text=text),
            Figure(svg="<svg></svg>", caption=text),
        ),
    )
    assert balanced(document.to_html()).count(text) >= 1
    assert "<script" not in Document(title="<script>", blocks=(Text(text="<script>"),)).to_html()


def test_a_page_asks_nothing_of_the_network():
    """Self-contained: no address, no script."""
    html = EVERYTHING.to_html()
    assert not re.search(r"https?://|//[a-z]|<script|@import|url\(", html)
    assert "<html lang='en'>" in html


def test_several_documents_make_a_page_with_contents():
    """Each reached by its link."""
    html = page((EVERYTHING, Document(title="Second & last", blocks=())))
    assert "<a href='#s0'>Report</a><a href='#s1'>Second &amp; last</a>" in html
    assert "id='s1'" in html
    assert "aria-label='Contents'" not in EVERYTHING.to_html()


def test_a_page_needs_a_document():
    """An empty page would look like an empty report."""
    with pytest.raises(ValueError, match="at least one document"):
        page(())
