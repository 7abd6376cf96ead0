"""Write docs/cli.md from the commands themselves: `python -m tools.cli_page`."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from itertools import groupby
from pathlib import Path

import click

from modelwright.surfaces.cli.main import EPILOG, cli
from modelwright.surfaces.cli.table import COMMANDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

HEAD = (
    "# Command line",
    "",
    "Written from the commands themselves; `modelwright COMMAND --help` shows the same.",
    "Every command takes `--json` where it answers something a program may want.",
    "",
    EPILOG,
    "",
    "Global options stand before the command: `modelwright -C calls status`.",
    "",
)


def section(path: str, command: click.Command, depth: int) -> Iterator[str]:
    """Yield the lines about one command, and about its members when it is a group."""
    context = click.Context(command, info_name=path)
    yield from (f"{'#' * depth} `{path}`", "")
    if command is not cli:
        yield from ("```text", " ".join(command.get_usage(context).split()), "```", "")
    yield from _prose(cleandoc(command.help or ""))
    yield ""
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    if options:
        yield from ("| option | |", "| --- | --- |", *map(_row, options), "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from section(f"{path} {name}", member, min(depth + 1, 4))


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    told = option.help or ""
    if option.show_default and option.default is not None:
        told += f" Default: {option.default}."
    if option.required:
        told += " Required."
    return f"| {names} | {told} |"


def _prose(text: str) -> Iterator[str]:
    """Show indented lines as one block of code, the rest as it is."""
    text = text.replace("\b\n", "")  # which only tells click not to fold
    text = re.sub(r"(\n    .*\n)\n+(?=    )", r"\1", text)
    for is_code, lines in groupby(text.splitlines(), key=lambda line: line.startswith("    ")):
        if is_code:
            yield from ("", "```console", *map(str.strip, lines), "```", "")
        else:
            yield from lines


def page() -> str:
    """Return the whole page."""
    text = "\n".join([*HEAD, *section("modelwright", cli, 2)])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(COMMANDS)} commands")
