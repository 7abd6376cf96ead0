"""Layout: what is fitted to a width keeps to it and loses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from modelwright.surfaces.cli.layout import LEAST, cells, cut, fitted, harmless, padded, wrapped

WORDS = st.text(alphabet="abc é日\u0301🔒\t\n\x1b.", max_size=60)
WIDTHS = st.integers(min_value=3, max_value=30)


@given(text=WORDS, width=WIDTHS)
def test_no_wrapped_line_is_wider_than_asked(text, width):
    """A line that is too wide breaks every column to its right."""
    assert all(cells(line) <= width for line in wrapped(text, width))


@given(text=WORDS, width=WIDTHS)
def test_wrapping_loses_nothing_but_white_space(text, width):
    """What a check found must not end at the edge of the terminal."""
    kept = "".join("".join(wrapped(text, width)).split())
    assert kept == "".join(harmless(text).split())


@given(text=WORDS, width=WIDTHS)
def test_a_cut_line_fits(text, width):
    """A line that is rewritten must stay one line."""
    assert cells(cut(harmless(text), width)) <= width


@given(text=WORDS, width=WIDTHS)
def test_padding_fills_up_and_never_cuts(text, width):
    """Padding to the left and to the right takes the same room."""
    left, right = padded(text, width), padded(text, width, right=True)
    assert cells(left) == cells(right) == max(cells(text), width)
    assert left.startswith(text)
    assert right.endswith(text)


COLUMNS = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20)), min_size=1, max_size=6)


@given(columns=COLUMNS, room=st.integers(48, 120))
def test_columns_share_the_room_and_none_grows(columns, room):
    """Together they fit; none is wider than it needs; none is narrower than its words unless it must be."""
    natural = [wide for wide, _ in columns]
    least = [min(word, wide) for wide, word in columns]
    widths = fitted(natural, least=least, room=room)
    assert sum(widths) <= room
    assert all(width <= wanted for width, wanted in zip(widths, natural, strict=True))
    if sum(max(word, min(wide, LEAST)) for wide, word in zip(natural, least, strict=True)) <= room:
        assert all(width >= word for width, word in zip(widths, least, strict=True))


def test_control_characters_cannot_steer_the_terminal():
    """A column may be named so that it clears the screen; shown, it does not."""
    assert harmless("a\x1b[2J\x07b\x9b1m\tc\nd") == "a [2J b 1m c\nd"
