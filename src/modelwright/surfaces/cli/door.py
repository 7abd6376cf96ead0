"""The way from a command to the service: options every command shares, and the service itself."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from modelwright.surfaces.cli.console import show, show_json
from modelwright.surfaces.cli.passphrase import ask_passphrase
from modelwright.surfaces.cli.progress import TerminalProgress
from modelwright.workflow.pages import Readable
from modelwright.workflow.service import Service

__all__ = ["json_option", "present", "program", "root_of", "service"]

F = TypeVar("F", bound=Callable[..., Any])  # a click command function: its signature is click's business

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def root_of(context: click.Context) -> Path:
    """Return the project's folder as given before the command."""
    root: Path = context.ensure_object(dict).get("root", Path())
    return root


def program(root: Path) -> str:
    """Return how the program is called for a project, ready to paste into a shell.

    Examples:
        >>> program(Path("my calls"))
        "modelwright -C 'my calls'"
        >>> program(Path())
        'modelwright'
    """
    return "modelwright" if root == Path() else f"modelwright -C {shlex.quote(str(root))}"


def service(context: click.Context) -> Service:
    """Build the service for the project's folder."""
    from modelwright.wiring import open_project

    door = open_project(root_of(context), progress=TerminalProgress(), ask=ask_passphrase)
    context.call_on_close(door.close)
    return door


def present(record: Readable, *, as_json: bool) -> None:
    """Show a record as JSON or as text."""
    if as_json:
        show_json(record)
    else:
        show(record.document())
