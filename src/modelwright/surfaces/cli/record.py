"""Commands that put something on the record: `note`, `notes` and `retire`."""

import click

from modelwright.surfaces.cli.console import console, escape, show_json
from modelwright.surfaces.cli.door import json_option, present, service

__all__ = ["note", "notes", "retire"]


@click.command()
@click.argument("kind")
@click.argument("text")
@click.option("--about", default="", metavar="WHAT", help="A phase, version or risk; left out: the whole.")
@json_option
@click.pass_context
def note(context: click.Context, *, kind: str, text: str, about: str, as_json: bool) -> None:
    """Put a note on the record; it decides nothing.

    KIND is counter-argument, trade-off, debt, incident or decision.

    \b
    Examples:
        modelwright note counter-argument "the test year had no strike" --about "phase 6"
        modelwright note debt "prices are copied by hand until the feed exists"
    """  # noqa: D301 - click reads the backspace as: do not fold
    entry = service(context).ledger.note(kind, text, about=about)
    if as_json:
        show_json(entry)
    else:
        console().print(
            f"[bold green]✔[/] noted by {escape(entry.actor.label)} (ledger entry {entry.sequence})"
        )


@click.command()
@json_option
@click.pass_context
def notes(context: click.Context, *, as_json: bool) -> None:
    """List arguments, trade-offs, debts and incidents that were noted."""
    present(service(context).ledger.notes(), as_json=as_json)


@click.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why.")
@click.option("--end-of-life", is_flag=True, help="Retire the champion too: the life of the model ends.")
@json_option
@click.pass_context
def retire(context: click.Context, *, version: str, reason: str, end_of_life: bool, as_json: bool) -> None:
    """Take VERSION out of use for good; its evidence stays.

    \b
    Examples:
        modelwright retire v1 --reason "v2 has answered for a quarter"
    """  # noqa: D301 - click reads the backspace as: do not fold
    entry = service(context).consent.retire(version, reason=reason, end_of_life=end_of_life)
    if as_json:
        show_json(entry)
    else:
        who = f"by {escape(entry.actor.label)} (ledger entry {entry.sequence})"
        console().print(f"[bold yellow]●[/] {escape(version)} is retired, {who}")
