"""The page of the command line: written from the commands, and current."""

from importlib.util import find_spec
from pathlib import Path

from tools.cli_page import PAGE, page

from modelwright.surfaces.cli.table import COMMANDS


def test_the_page_says_what_the_commands_say():
    """`python -m tools.cli_page` writes it again."""
    assert all(find_spec(place.partition(":")[0]) for _, place, _ in COMMANDS.values())
    assert Path(PAGE).read_text(encoding="utf-8") == page()
