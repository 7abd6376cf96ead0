"""Words: every file says why it exists, and no drawer is left unnamed."""

import ast
import re

import pytest
from tests.house.tree import DOCS, FILES, PACKAGE, ROOMS, ROOT, TESTS, place, syntax, tracked

DRAWERS = {"common", "core", "helper", "helpers", "misc", "util", "utils"}
"""Names that say nothing; what is put there ends up importing its callers."""

FOREIGN = {
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/"),
    "the host of a package index": re.compile(r"pypi[.]org|pythonhosted[.]org"),
    "an option that names a package index": re.compile(r"index[-]url|find[-]links"),
}
"""What would hold on one machine only."""


def test_every_file_says_why_it_exists():
    """A module without a first sentence is read twice before it is understood."""
    assert [place(path) for path in FILES + TESTS if ast.get_docstring(syntax(path)) is None] == []


def test_no_file_or_folder_is_a_drawer():
    """The domain word, never the mechanism."""
    named = {
        place(path)
        for path in FILES + TESTS
        for part in path.relative_to(ROOT).parts
        if part.removesuffix(".py").strip("_") in DRAWERS
    }
    assert named == set()


@pytest.mark.parametrize("what", FOREIGN)
def test_no_tracked_file_names(what):
    """A clone works anywhere or nowhere."""
    named = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        named += [
            f"{place(path)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if FOREIGN[what].search(line)
        ]
    assert named == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_page(room):
    """What a room is for, its records and verbs, an example and its limits."""
    page = DOCS / "rooms" / f"{room}.md"
    assert page.is_file(), f"write docs/rooms/{room}.md"
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_tenant_and_tests(room):
    """No empty folders, and a folder of tests with the name of the room."""
    files = [path for path in FILES if path.relative_to(PACKAGE).parts[0] in {room, f"{room}.py"}]
    assert [path for path in files if path.name != "__init__.py"], f"{room} holds nothing but its door"
    assert list((ROOT / "tests" / room).rglob("test_*.py")), f"write tests/{room}/test_<noun>.py"


def test_the_architecture_page_names_every_layer():
    """The page and the contract of import-linter list the same rooms."""
    configured = re.findall(r'^    "([a-z]+)",$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|", page, re.MULTILINE)
    layers = configured[configured.index("surfaces") : configured.index("kernel") + 1]
    assert described == layers
