"""Commands and settings: what can be typed is written down, and what is written down can be typed."""

import ast
import re
from importlib import import_module

import pytest
from click import Context, Group
from tests.house.tree import DOCS, FILES, PACKAGE, place, syntax

MAIN = "modelwright.surfaces.cli.main"
HAS_COMMANDS = (PACKAGE / "surfaces" / "cli" / "main.py").exists()
HAS_SETTINGS = (PACKAGE / "settings.py").exists()
HEADING = re.compile(r"^#+ `?(modelwright(?: [a-z-]+)*)`?$", re.MULTILINE)
VARIABLE = re.compile(r"MODELWRIGHT_[A-Z][A-Z0-9_]*")


def root_group():
    """The one group that the console script runs."""
    groups = [value for value in vars(import_module(MAIN)).values() if isinstance(value, Group)]
    inner = {id(command) for group in groups for command in group.commands.values()}
    (root,) = {id(group): group for group in groups if id(group) not in inner}.values()
    return root


def walk(command, path):
    """Every command below this one with the words that reach it, groups before their members."""
    yield path, command
    if isinstance(command, Group):
        context = Context(command, info_name=path)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), f"{path} {name}")


COMMANDS = dict(walk(root_group(), "modelwright")) if HAS_COMMANDS else {}
SHOWN = {path: command for path, command in COMMANDS.items() if not command.hidden}


def sections():
    """The text below each command's heading in the page of the command line."""
    parts = HEADING.split((DOCS / "cli.md").read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("path", SHOWN)
def test_a_command_has_a_section_that_names_its_options_and_arguments(path):
    """A flag that is only in the help is found by those who know it already."""
    text = sections().get(path)
    assert text is not None, f"docs/cli.md needs a heading `{path}`"
    named = [
        parameter.opts[-1]
        if parameter.param_type_name == "option"
        else re.sub(r"[^A-Z_]", "", parameter.make_metavar(Context(SHOWN[path])))
        for parameter in SHOWN[path].params
        if not getattr(parameter, "hidden", False)
    ]
    missing = [name for name in named if name not in text]
    assert missing == []


@pytest.mark.parametrize("path", SHOWN)
def test_a_command_teaches_what_it_does(path):
    """Help for the command and for each option, so that `--help` is enough to go on."""
    command = SHOWN[path]
    assert command.help or command.short_help
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    assert [option.name for option in options if not option.hidden and not option.help] == []


@pytest.mark.parametrize("page", ["cli.md"] if HAS_COMMANDS else [])
def test_no_section_describes_a_command_that_does_not_exist(page):
    """A renamed command takes its section along."""
    described = HEADING.findall((DOCS / page).read_text(encoding="utf-8"))
    assert sorted(described) == sorted(SHOWN)


def fields_of_settings():
    """The fields of every record in the settings file."""
    tree = syntax(PACKAGE / "settings.py")
    return [
        field.target.id
        for record in ast.walk(tree)
        if isinstance(record, ast.ClassDef)
        for field in record.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]


@pytest.mark.parametrize("name", fields_of_settings() if HAS_SETTINGS else [])
def test_a_setting_is_documented(name):
    """What can be set is listed with its default and its meaning."""
    assert f"`{name}`" in (DOCS / "rooms" / "settings.md").read_text(encoding="utf-8")


def test_every_environment_variable_is_documented():
    """A variable that changes what happens is no secret."""
    page = DOCS / "rooms" / "settings.md"
    documented = set(VARIABLE.findall(page.read_text(encoding="utf-8"))) if page.exists() else set()
    read = {
        f"{name} in {place(path)}"
        for path in FILES
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
        if name not in documented
    }
    assert read == set()
