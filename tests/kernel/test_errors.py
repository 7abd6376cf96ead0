"""Errors: one tree, messages that say what, why and what next, exit codes by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel import errors
from modelwright.kernel.errors import (
    DataInvalid,
    ExitCode,
    Fault,
    MissingExtra,
    ModelwrightError,
    OurFault,
    UnknownName,
    UserFault,
    WorldFault,
    nearest,
)

FAMILIES = (UserFault, WorldFault, OurFault)
CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ModelwrightError)
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_belongs_to_one_family_and_is_drawn_in_the_tree(kind):
    """The user's fault, the world's or ours; and the picture shows it."""
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind is ModelwrightError or sum(issubclass(kind, family) for family in FAMILIES) == 1
    assert isinstance(kind.exit_code, ExitCode)


def test_a_message_says_what_why_and_what_next():
    """With what was found and what was expected."""
    error = DataInvalid("no rows", why="nothing to learn", next_step="add rows", found=0, expected=10)
    assert str(error) == "no rows (found 0, expected 10).\nWhy it matters: nothing to learn.\nNext: add rows."
    assert (error.found, error.expected) == ("0", "10")


def test_what_is_not_known_is_left_out():
    """A short message stays short."""
    assert str(DataInvalid("no rows")) == "no rows."
    assert str(DataInvalid("no rows", found="x")) == "no rows (found x)."
    assert str(DataInvalid("odd", next_step="did you mean 'even'?")).endswith("Next: did you mean 'even'?")


def test_all_faults_of_an_input_come_in_one_message():
    """Counted, one a line."""
    faults = [Fault("a.csv:2", "empty"), Fault("", "no target", next_step="name one")]
    error = DataInvalid("a.csv cannot be used", faults=faults)
    assert str(error) == "a.csv cannot be used: 2 faults\n  - a.csv:2: empty\n  - no target; name one"
    assert str(DataInvalid("x", faults=faults[:1])).startswith("x: 1 fault\n")


@given(st.text(min_size=400, max_size=2_000))
def test_text_from_outside_is_bounded(text):
    """A message is read by a person."""
    error = DataInvalid(text, found=text, expected=text, faults=[Fault("x", text)])
    assert len(str(error)) < 1_500


def test_a_fault_shows_how_it_was_made():
    """For those who debug."""
    fault = Fault("a:1", "b", next_step="c")
    assert repr(fault) == "Fault('a:1', 'b', next_step='c')"


def test_an_unknown_name_offers_the_nearest_and_lists_the_rest():
    """At most twenty of them."""
    error = UnknownName.among("column", "agee", ["age", "job"])
    assert error.next_step == "did you mean 'age'?"
    assert error.expected == "one of: age, job"
    none = UnknownName.among("version", "v1", [])
    assert none.what == "unknown version 'v1' (there is no version yet)"
    assert none.next_step
    many = UnknownName.among("column", "zzz", [f"c{number}" for number in range(30)])
    assert str(many.expected).endswith("c19, ...")
    assert many.next_step == "use one of the column names listed"


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        ("tagret", ["target", "task"], "target"),
        ("AGE", ["age", "job"], "age"),
        ("x", ["target"], None),
        ("", ["target"], None),
        ("target", [], None),
    ],
)
def test_the_nearest_name_is_found_or_none(name, options, found):
    """Spelling and case are forgiven; guessing is not."""
    assert nearest(name, options) == found


@given(st.lists(st.text(min_size=1), min_size=1))
def test_a_name_that_exists_is_its_own_nearest(names):
    """Whatever else there is."""
    assert nearest(names[0], names) == names[0]


def test_a_missing_extra_says_which_line_to_type():
    """Word for word."""
    assert "pip install 'modelwright[mlflow]'" in str(MissingExtra.needed("mlflow", "mirroring runs"))


def test_exit_codes_are_distinct_and_named():
    """A script can tell a failed gate from a locked phase."""
    assert len({int(code) for code in ExitCode}) == len(list(ExitCode))
    assert ExitCode(130).name == "INTERRUPTED"
