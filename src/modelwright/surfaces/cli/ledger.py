"""Commands of the ledger: show it, verify it, anchor its head outside, copy it, take it over."""

from pathlib import Path

import click

from modelwright.kernel.errors import ExitCode, UserFault
from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, present, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = [
    "anchor_ledger",
    "export_ledger",
    "import_ledger",
    "ledger",
    "ledger_key",
    "show_ledger",
    "verify_ledger",
]

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("show")
@click.option("--kind", default=None, help="Only entries of this kind, such as approval.given.")
@json_option
@click.pass_context
def show_ledger(context: click.Context, *, kind: str | None, as_json: bool) -> None:
    """List the ledger's entries, oldest first."""
    entries = [entry for entry in service(context).entries() if kind is None or entry.kind == kind]
    if as_json:
        show_json(entries)
        return
    for entry in entries:
        line = f"{entry.sequence:>5}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.kind:<20} {entry.actor.label}"
        console().print(f"{line}  {entry.digest[7:19]}", markup=False)


@click.command("verify")
@click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder with the public keys you trust: files of `identity export` and `ledger key`.",
)
@click.option("--anchor", "anchors", type=FILE, multiple=True, help="A file of `ledger anchor --to`.")
@click.option("--git", is_flag=True, help="Compare with the notes of `ledger anchor --git`.")
@click.option("--copy", type=FILE, help="Check this file of `ledger export`, not the project's ledger.")
@json_option
@click.pass_context
def verify_ledger(
    context: click.Context,
    *,
    keys: Path | None,
    anchors: tuple[Path, ...],
    git: bool,
    copy: Path | None,
    as_json: bool,
) -> int:
    """Check chain, people and signatures; and that the ledger goes on from where it was anchored.

    Whoever has a copy and the public keys can do this; no project and no private key is needed.

    \b
    Examples:
        modelwright ledger verify --git
        modelwright ledger verify --copy calls.jsonl --keys trusted/ --anchor heads.jsonl
    """  # noqa: D301 - click reads the backspace as: do not fold
    told = service(context).ledger.audit(keys=keys, anchors=anchors, git=git, copy=copy)
    present(told, as_json=as_json)
    return int(ExitCode.OK if told.outcome.allows else ExitCode.NOT_PASSED)


@click.command("anchor")
@click.option("--to", type=FILE, help="Add the signed head to this file; keep it where others cannot write.")
@click.option("--git", is_flag=True, help="Note it on the present commit, under refs/notes/modelwright.")
@json_option
@click.pass_context
def anchor_ledger(context: click.Context, *, to: Path | None, git: bool, as_json: bool) -> None:
    """Sign where the ledger's head stands and put that outside, so that no one can write it anew unseen."""
    present(service(context).ledger.anchor(to=to, git=git), as_json=as_json)


@click.command("key")
@click.option("--to", type=FILE, required=True, help="The file to write; hand it to who shall verify.")
@json_option
@click.pass_context
def ledger_key(context: click.Context, *, to: Path, as_json: bool) -> None:
    """Write the public key that this machine signs the ledger's head with."""
    identity = service(context).ledger.export_key(to)
    if as_json:
        show_json(identity)
        return
    console().print(f"{identity.name}  {identity.key_id}  {to}", markup=False)


@click.command("export")
@click.argument("file", type=FILE, required=False)
@click.option(
    "--attestations",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write in-toto statements about every version to this folder.",
)
@json_option
@click.pass_context
def export_ledger(
    context: click.Context, *, file: Path | None, attestations: Path | None, as_json: bool
) -> None:
    """Copy the whole ledger to FILE as JSON Lines, or write what it knows as in-toto attestations."""
    desk = service(context).ledger
    if file is None and attestations is None:
        raise UserFault(
            "nothing was asked for", next_step="modelwright ledger export FILE, or --attestations FOLDER"
        )
    if file is not None:
        length = desk.export(file)
        if as_json:
            show_json({"file": str(file), "entries": length})
        else:
            console().print(f"{length} entries in {file}", markup=False)
    if attestations is not None:
        present(desk.attest(attestations), as_json=as_json)


@click.command("import")
@click.argument("file", type=FILE)
@json_option
@click.pass_context
def import_ledger(context: click.Context, *, file: Path, as_json: bool) -> None:
    """Fill this project's empty ledger with the one in FILE: whole, or not at all."""
    length = service(context).ledger.adopt(file)
    if as_json:
        show_json({"entries": length})
        return
    console().print(f"{length} entries imported from {file}", markup=False)


HERE = "modelwright.surfaces.cli.ledger"

ledger = LazyGroup(
    "ledger",
    commands_by_name={
        "show": ("Ledger", f"{HERE}:show_ledger", "List the entries, oldest first."),
        "verify": ("Ledger", f"{HERE}:verify_ledger", "Check chain, people, signatures and anchors."),
        "anchor": ("Ledger", f"{HERE}:anchor_ledger", "Sign the head and put it outside."),
        "key": ("Ledger", f"{HERE}:ledger_key", "Write the public key of the head's signatures."),
        "export": (
            "Ledger",
            f"{HERE}:export_ledger",
            "Copy the ledger, or attest versions in in-toto's form.",
        ),
        "import": ("Ledger", f"{HERE}:import_ledger", "Fill an empty ledger from a copy."),
    },
    about="Show, verify, anchor, export or import the ledger.",
)
