"""Commands about tables and contracts of others: profile a table, export and import the data contract."""

from pathlib import Path

import click

from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, present, service
from modelwright.surfaces.cli.lazy import LazyGroup
from modelwright.workflow.contract_desk import EXPORTS, IMPORTS

__all__ = ["contract", "export_contract", "import_contract", "profile"]

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("data", type=FILE)
@click.option("--target", help="The column to predict, when it is known.")
@click.option("--html", "page", type=FILE, help="Write the page with its pictures here.")
@json_option
@click.pass_context
def profile(
    context: click.Context, *, data: Path, target: str | None, page: Path | None, as_json: bool
) -> None:
    """See what the table in DATA holds; values that identify somebody are not shown."""
    seen = service(context).profile(data, target=target, page=page)
    if page is None:
        present(seen, as_json=as_json)
    elif as_json:
        show_json({"page": str(page)})
    else:
        click.echo(str(page))


@click.command("export")
@click.option("--format", "wanted", type=click.Choice(EXPORTS), required=True, help="Whose words are used.")
@click.option("--out", type=FILE, help="Write here instead of to the terminal.")
@json_option
@click.pass_context
def export_contract(context: click.Context, *, wanted: str, out: Path | None, as_json: bool) -> None:
    """Write the data contract in the words of the Open Data Contract Standard or of Pandera."""
    made = service(context).contracts.export(wanted, out=out)
    if as_json:
        show_json({"file": str(out) if out else None, "text": made.text, "lost": list(made.lost)})
        return
    if out is None:
        click.echo(made.text, nl=False)
    else:
        console().print(f"[bold green]✔[/] {out}")
    click.echo(f"not said in this format: {', '.join(made.lost)}", err=True)


@click.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--format", "given", type=click.Choice(["auto", *IMPORTS]), default="auto", help="Whose words FILE uses."
)
@click.option("--table", default="", help="The schema object to take, where FILE describes several.")
@click.option("--write", is_flag=True, help="Write contract.yaml anew; comments of your own are not kept.")
@json_option
@click.pass_context
def import_contract(
    context: click.Context, *, file: Path, given: str, table: str, write: bool, as_json: bool
) -> None:
    """Put what FILE says of the table into contract.yaml, or show what that would change."""
    found = service(context).contracts.import_from(file, format=given, table=table, write=write)
    if as_json:
        show_json(found)
        return
    for change in found.changes:
        console().print(f"  • {change}", markup=False)
    for line in found.lost:
        console().print(f"  ? not taken over: {line}", markup=False)
    if not found.changes:
        console().print("The contract says all of this already.")
    elif not found.written:
        console().print("[bold cyan]→[/] add --write to put this into contract.yaml")
    elif found.frozen:
        console().print('[bold cyan]→[/] the contract is frozen: modelwright amend --reason "..."')
    else:
        console().print("[bold green]✔[/] contract.yaml; modelwright check reads it again")


HERE = "modelwright.surfaces.cli.contract_exchange"

contract = LazyGroup(
    "contract",
    commands_by_name={
        "export": ("Contract", f"{HERE}:export_contract", "Write the data contract in other tools' words."),
        "import": ("Contract", f"{HERE}:import_contract", "Take promises over from another tool's contract."),
    },
    about="Export or import the data contract: Open Data Contract Standard, Pandera, Great Expectations.",
)
