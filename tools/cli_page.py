"""Write docs/cli.md from the commands themselves: `python -m tools.cli_page`."""

from pathlib import Path

import click

from modelwright.surfaces.cli.main import EPILOG, cli
from modelwright.surfaces.cli.table import COMMANDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"


def section(path: str, command: click.Command, depth: int) -> list[str]:
    """Return the lines about one command, and about its members when it is a group."""
    context = click.Context(command, info_name=path)
    text = (command.help or "").replace("\b\n", "").strip()
    lines = [f"{'#' * depth} `{path}`", ""]
    if command is not cli:
        lines += ["```text", *command.get_usage(context).splitlines(), "```", ""]
    body = "\n".join(line.strip() if not line.startswith("    ") else line for line in text.splitlines())
    lines += [*_prose(body), ""]
    rows = [
        (", ".join(f"`{name}`" for name in parameter.opts), parameter.help or "")
        for parameter in command.params
        if isinstance(parameter, click.Option)
    ]
    if rows:
        lines += ["| option | |", "| --- | --- |", *(f"| {name} | {told} |" for name, told in rows), ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                lines += section(f"{path} {name}", member, min(depth + 1, 4))
    return lines


def _prose(text: str) -> list[str]:
    """Show indented examples as code, the rest as it is."""
    out: list[str] = []
    code = False
    for line in text.splitlines():
        indented = line.startswith("    ")
        if indented != code:
            out.append("```console" if indented else "```")
            code = indented
        out.append(line.strip() if indented else line)
    return [*out, "```"] if code else out


def page() -> str:
    """Return the whole page."""
    head = [
        "# Command line",
        "",
        "Written from the commands themselves; `modelwright COMMAND --help` shows the same.",
        "Every command takes `--json` where it answers something a program may want.",
        "",
        EPILOG,
        "",
        "Global options stand before the command: `modelwright -C calls status`.",
        "",
    ]
    return "\n".join(head + section("modelwright", cli, 2)).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(COMMANDS)} commands")
