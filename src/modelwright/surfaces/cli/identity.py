"""`modelwright identity`: make a key to sign with, hand its public part on, vouch for others, revoke."""

from datetime import datetime
from pathlib import Path

import click

from modelwright.kernel.digest import short
from modelwright.kernel.errors import UserFault
from modelwright.surfaces.cli.console import console, escape, show_json
from modelwright.surfaces.cli.door import json_option, present, program, root_of, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = ["create", "enrol", "export", "identity", "listing", "revoke"]

HERE = "modelwright.surfaces.cli.identity"

identity = LazyGroup(
    "identity",
    commands_by_name={
        "create": ("Identity", f"{HERE}:create", "Make a key under a passphrase, outside every project."),
        "list": ("Identity", f"{HERE}:listing", "List who is known in this project and on this machine."),
        "export": ("Identity", f"{HERE}:export", "Print the public part, for a colleague to enrol."),
        "enrol": ("Identity", f"{HERE}:enrol", "Vouch for a colleague's key in this project."),
        "revoke": ("Identity", f"{HERE}:revoke", "Say that a key no longer counts."),
    },
    about="Keys that people sign their decisions with.",
)

LARGEST = 1 << 16
"""Bytes of a public part that are read."""


@click.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="A role it may act in; may be repeated.")
@click.option("--agent", is_flag=True, help="For a coding agent: its signature shows, and never approves.")
@json_option
@click.pass_context
def create(context: click.Context, *, name: str, roles: tuple[str, ...], agent: bool, as_json: bool) -> None:
    """Make an identity NAME; its passphrase is typed at the terminal, twice.

    \b
    Examples:
        modelwright identity create lead --role owner
        modelwright identity export lead > lead.json
    """  # noqa: D301 - click reads the backspace as: do not fold
    made = service(context).people.create(name, roles=roles, agent=agent)
    if as_json:
        show_json({"key_id": made.key_id, "identity": made})
        return
    console().print(f"[bold green]✔[/] {escape(made.name)} can sign now, with the key {short(made.key_id)}")
    console().print(
        "[dim]Who signs first in a project is trusted on first use; the others are enrolled by somebody "
        "who is.[/]"
    )
    console().print(f"[bold cyan]→[/] modelwright identity export {escape(made.name)}")


@click.command("list")
@json_option
@click.pass_context
def listing(context: click.Context, *, as_json: bool) -> None:
    """List who is known in this project, and whose keys are on this machine."""
    present(service(context).people.listing(), as_json=as_json)


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The public part is JSON either way.")
@click.pass_context
def export(context: click.Context, *, name: str, as_json: bool) -> None:
    """Print the public part of NAME, signed by itself; a colleague enrols it."""
    del as_json
    show_json(service(context).people.export(name))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--reason", default="known in person", show_default=True, help="How you know that the key is theirs."
)
@json_option
@click.pass_context
def enrol(context: click.Context, *, file: Path, reason: str, as_json: bool) -> None:
    """Vouch for the public part in FILE: its holder's answers count in this project from here on.

    Compare the key's digest with its holder before, by another way than the one the file came.
    """
    entry = service(context).people.enrol(_read(file), reason=reason)
    if as_json:
        show_json(entry)
        return
    who = f"{entry.body['name']} ({short(str(entry.body['key_id']))})"
    done = f"{who} is enrolled by {entry.actor.label} (ledger entry {entry.sequence})"
    console().print(f"[bold green]✔[/] {escape(done)}")
    console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} identity list")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST)
    except OSError as error:
        raise UserFault(
            f"{file.name} cannot be read: {error.strerror or error}",
            next_step="ask for the public part: modelwright identity export NAME",
        ) from error


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why: lost, laid aside, or in other hands.")
@click.option(
    "--compromised-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    default=None,
    help="Since when (UTC) the key may have been in other hands: what it signed since is void.",
)
@json_option
@click.pass_context
def revoke(
    context: click.Context, *, name: str, reason: str, compromised_since: datetime | None, as_json: bool
) -> None:
    """Say that the key of NAME no longer counts in this project.

    A lost key is revoked by somebody else who is enrolled; then its holder makes a new one and has it
    enrolled.
    """
    entry = service(context).people.revoke(name, reason=reason, compromised_since=compromised_since)
    if as_json:
        show_json(entry)
        return
    done = f"the key of {entry.body['name']} no longer counts (ledger entry {entry.sequence})"
    console().print(f"[bold red]✘[/] {escape(done)}")
