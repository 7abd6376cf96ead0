"""Help: every command teaches, and a name that does not exist is answered with the nearest."""

from importlib.util import find_spec

import pytest

from modelwright.surfaces.cli.main import main
from modelwright.surfaces.cli.table import COMMANDS

PRESENT = [name for name, (_, place, _) in COMMANDS.items() if find_spec(place.partition(":")[0])]
"""The commands whose module is there: all of them, once the house is complete."""


def test_help_lists_every_command_with_its_line(capsys):
    """The list is read before anything else; it comes from the table alone."""
    assert main(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert [name for name, (_, _, line) in COMMANDS.items() if f"{name} {line}" not in told] == []


def test_help_names_every_exit_code(capsys):
    """A script that calls us has to know what a number means."""
    main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "5 a person must decide" in told
    assert "130 interrupted" in told


def test_no_words_at_all_show_the_help(capsys):
    """Somebody who types only the name wants to know what there is."""
    assert main([]) == 0
    assert "Usage: modelwright" in capsys.readouterr().out


@pytest.mark.parametrize("name", PRESENT)
def test_a_command_teaches_what_it_does(name, capsys):
    """Usage, what it does, and what each option means."""
    assert main([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: modelwright {name}")
    assert "--help" in told
    assert "\\b" not in told
    options = [line.strip() for line in told.splitlines() if line.startswith("  -")]
    assert [line for line in options if "  " not in line and len(line) < 20] == []


@pytest.mark.parametrize("name", PRESENT)
def test_a_command_takes_json(name, capsys):
    """Every command answers programs too; a group does so in its members."""
    main([name, "--help"])
    told = capsys.readouterr().out
    assert "--json" in told or "COMMAND [ARGS]" in told


@pytest.mark.parametrize(("typed", "nearest"), [("runn", "run"), ("stauts", "status"), ("verfy", "verify")])
def test_an_unknown_command_is_answered_with_the_nearest(typed, nearest, capsys):
    """A slip of the finger costs a second, not a search."""
    assert main([typed]) == 2
    assert f"Did you mean '{nearest}'?" in capsys.readouterr().err


def test_a_command_like_no_other_is_answered_with_the_way_to_the_list(capsys):
    """There is always a next step."""
    assert main(["xyzzy"]) == 2
    assert "See --help for the commands." in capsys.readouterr().err


def test_an_unknown_member_of_a_group_is_answered_with_the_nearest(capsys):
    """Groups answer as the root does."""
    assert main(["ledger", "verfy"]) == 2
    assert "Did you mean 'verify'?" in capsys.readouterr().err


def test_an_unknown_option_is_answered_with_the_nearest(capsys):
    """Options too."""
    assert main(["run", "--untill", "3"]) == 2
    assert "--until" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    """One line, as every tool does it."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("modelwright ")
