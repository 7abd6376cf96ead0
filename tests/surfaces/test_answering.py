"""Answering: the command that answers as proposed, ready to paste."""

from pathlib import Path

import pytest
from tests.surfaces.terminal import PROGRAM, Terminal, environment

from modelwright.surfaces.cli.answering import command_line
from modelwright.workflow.asking import Asked, Choice


def risk(name, action="modify"):
    """A choice about a risk."""
    return Choice(key=name, text="", options=("accept", "modify", "block"), proposed=action, flag="--risk")


def test_one_choice_stands_on_the_line_of_the_command():
    """Short enough to type."""
    asked = Asked(phase=3, question="", explicit=False, choices=(risk("LEAK-TIMING:duration"),))
    assert command_line(asked, root=Path()) == ["modelwright approve 3 --risk LEAK-TIMING:duration=modify"]


def test_several_choices_stand_on_lines_of_their_own_and_are_quoted():
    """Names with spaces survive the shell; so does the project's folder."""
    asked = Asked(phase=3, question="", explicit=False, choices=(risk("A:x"), risk("B:row order", "accept")))
    assert command_line(asked, root=Path("my calls")) == [
        "modelwright -C 'my calls' approve 3 \\",
        "  --risk A:x=modify \\",
        "  --risk 'B:row order=accept'",
    ]


def test_a_choice_may_be_open_ended(tmp_path):
    """Ids of findings are answers beyond the options; an empty answer and a slip are asked for again."""
    program = (
        "from modelwright.surfaces.cli.prompt import ask, ask_one_of\n"
        "print('got', ask_one_of('Fix?', ('all', 'none'), open_ended=True))\n"
        "print('got', ask_one_of('Sure?', ('yes', 'no')))\n"
        "print('got', ask('Why'))\n"
    )
    with Terminal(cwd=tmp_path, env=environment(tmp_path), program=(PROGRAM[0], "-c", program)) as person:
        person.expect("Fix? (all, none):")
        person.type("  ")
        person.expect("Fix? (all, none):")
        person.type("FIT-BEFORE-SPLIT:train.py")
        person.expect("got FIT-BEFORE-SPLIT:train.py")
        person.expect("Sure? (yes, no):")
        person.type("maybe")
        person.expect("'maybe' is not one of: yes, no.")
        person.type("Y")
        person.expect("got yes")
        person.expect("Why:")
        person.type("because")
        person.expect("got because")
        assert person.ended() == 0


@pytest.mark.parametrize("flag", ["--risk", "--choose", "--fix"])
def test_a_choice_knows_how_it_is_typed(flag):
    """Risks by id and action, the others by their value."""
    choice = Choice(key="name", text="", options=("a", "b"), proposed="a", flag=flag)
    assert choice.words == (flag, "name=a" if flag == "--risk" else "a")
