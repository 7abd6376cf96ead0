"""Commands and settings: what can be typed is written down, and what is written down can be typed."""

import ast
import re
from functools import cache
from importlib import import_module

from click import Context, Group
from tests.house.tree import DOCS, FILES, PACKAGE, place, syntax

MAIN = "modelwright.surfaces.cli.main"
HAS_COMMANDS = (PACKAGE / "surfaces" / "cli" / "main.py").exists()
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
    if command.hidden:
        return
    yield path, command
    if isinstance(command, Group):
        context = Context(command, info_name=path)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), f"{path} {name}")


@cache
def commands():
    """Every command that `--help` shows, by the words that reach it; none before there is a command line."""
    return dict(walk(root_group(), "modelwright")) if HAS_COMMANDS else {}


def sections():
    """The text below each command's heading in the page of the command line."""
    page = DOCS / "cli.md"
    parts = HEADING.split(page.read_text(encoding="utf-8")) if page.exists() else [""]
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def spelled(command):
    """The options and arguments of a command as they are typed."""
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield re.sub(r"[^A-Z_]", "", parameter.make_metavar(Context(command)))
        elif not parameter.hidden:
            yield max(parameter.opts, key=len)


def test_every_command_has_a_section_in_the_page_of_the_command_line():
    """A command that is only in the help is found by those who know it already."""
    assert [path for path in commands() if path not in sections()] == []


def test_no_section_describes_a_command_that_does_not_exist():
    """A renamed command takes its section along."""
    assert [path for path in sections() if path not in commands()] == []


def test_a_section_names_every_option_and_argument():
    """The page is complete: what can be typed after a command stands below its heading."""
    written = sections()
    missing = [
        f"{path} {word}"
        for path, command in commands().items()
        for word in spelled(command)
        if word not in written.get(path, "")
    ]
    assert missing == []


def test_every_command_and_option_teaches_what_it_does():
    """`--help` is enough to go on."""
    silent = [path for path, command in commands().items() if not (command.help or command.short_help)]
    silent += [
        f"{path} {max(option.opts, key=len)}"
        for path, command in commands().items()
        for option in command.params
        if option.param_type_name == "option" and not option.hidden and not option.help
    ]
    assert silent == []


def test_every_setting_is_documented():
    """What can be set is listed with its default and its meaning."""
    source = PACKAGE / "settings.py"
    page = DOCS / "rooms" / "settings.md"
    fields = [
        field.target.id
        for record in ast.walk(syntax(source) if source.exists() else ast.Module([], []))
        if isinstance(record, ast.ClassDef)
        for field in record.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    assert [name for name in fields if f"`{name}`" not in text] == []


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
