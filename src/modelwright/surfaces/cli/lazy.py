"""A command group that imports a command only when it is called, and shows commands by theme."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """Commands by `name -> (section, module:attribute, help line)`; `--help` imports none of them.

    Examples:
        >>> group = LazyGroup("tool", commands_by_name={"go": ("Start", "nowhere:go", "Go.")})
        >>> group.list_commands(click.Context(group))
        ['go']
    """

    def __init__(
        self, name: str, *, commands_by_name: Mapping[str, tuple[str, str, str]], about: str = ""
    ) -> None:
        """Keep the table."""
        super().__init__(name, help=about, no_args_is_help=True)
        self._table = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        if cmd_name not in self._table:
            return None
        module, _, attribute = self._table[cmd_name][1].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that has gone away, such as `head`, ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still buffered is flushed once more at exit; it has to have somewhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Offer the nearest name for one that does not exist."""
        name = args[0]
        if not name.startswith("-") and name not in self._table:
            from difflib import get_close_matches

            close = get_close_matches(name, list(self._table), n=1)
            hint = f" Did you mean '{close[0]}'?" if close else " See --help for the commands."
            ctx.fail(f"there is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands under their themes."""
        del ctx
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, (section, _, text) in self._table.items():
            sections.setdefault(section, []).append((name, text))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)
