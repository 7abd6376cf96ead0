"""Commands about the contract: check, amend, compact, schema."""

import click

from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, present, service

__all__ = ["amend", "check", "compact", "schema"]


@click.command()
@json_option
@click.pass_context
def check(context: click.Context, *, as_json: bool) -> None:
    """Read contract.yaml and list every fault with its line."""
    agreement = service(context).check()
    if as_json:
        show_json({"name": agreement.contract.name, "digest": agreement.digest})
        return
    console().print(f"[bold green]✔[/] contract.yaml is valid; digest {agreement.digest[7:19]}")


@click.command()
@click.option("--reason", required=True, help="Why the contract changes.")
@json_option
@click.pass_context
def amend(context: click.Context, *, reason: str, as_json: bool) -> None:
    """Record a reasoned change of the frozen contract; what depended on it becomes stale."""
    door = service(context)
    changes = door.amend(reason=reason)
    late = door.status().late
    if as_json:
        show_json({"changes": changes, "late": late})
        return
    for change in changes:
        console().print(f"  • {change}", markup=False)
    if late:
        console().print(f"? {late}", markup=False)
    console().print("[bold cyan]→[/] modelwright run walks the phases that are stale now")


@click.command()
@json_option
@click.pass_context
def compact(context: click.Context, *, as_json: bool) -> None:
    """Print the Iteration Compact as Markdown (or JSON)."""
    record = service(context).contracts.compact()
    if as_json:
        present(record, as_json=True)
    else:
        click.echo(record.document().to_markdown())


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The schema is JSON either way.")
def schema(*, as_json: bool) -> None:
    """Print the JSON Schema of contract.yaml, for editor completion."""
    del as_json
    from modelwright.workflow.service import contract_schema

    show_json(contract_schema())
