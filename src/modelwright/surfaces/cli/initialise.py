"""`modelwright init`: draft a contract from a table, asking only what the data cannot tell."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelwright.kernel.errors import Fault, UserFault, nearest
from modelwright.surfaces.cli.console import console, escape, show_json, show_lines, width
from modelwright.surfaces.cli.door import json_option, program, root_of, service
from modelwright.surfaces.cli.layout import wrapped
from modelwright.surfaces.cli.prompt import ask, ask_one_of
from modelwright.workflow.draft_source import place_of
from modelwright.workflow.modes import mode_of

if TYPE_CHECKING:  # the records of a draft come with the data room, which loads only when a table is read
    from modelwright.workflow.draft_source import DataPlace
    from modelwright.workflow.drafting import Drafted
    from modelwright.workflow.service import Service

__all__ = ["init"]


@click.command()
@click.argument("name")
@click.option(
    "--data",
    required=True,
    metavar="SOURCE",
    help="The table: a file, a folder, a pattern, or the URL of an object or a database.",
)
@click.option("--table", default="", help="The table or view of a database.")
@click.option("--query", default="", help="Or the one SELECT that gives the table.")
@click.option("--password-from", default="", help="Where its password lies: env:NAME or file:PATH.")
@click.option(
    "--format", "kind", default="auto", show_default=True, help="Where the ending does not tell it."
)
@click.option("--sheet", default="", help="The sheet of a workbook; the first unless named.")
@click.option("--as-of", default="", help="The version or moment of a Delta or Iceberg table.")
@click.option("--target", required=True, help="The column to predict.")
@click.option("--mode", default="quick", show_default=True, help="quick, standard or enterprise.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question beforehand.")
@click.option("--yes", is_flag=True, help="Take the defaults; each is recorded as an assumption.")
@click.option("--force", is_flag=True, help="Start over where there is a contract already.")
@json_option
@click.pass_context
def init(  # noqa: PLR0913 - click hands over one argument an option
    context: click.Context,
    *,
    name: str,
    data: str,
    table: str,
    query: str,
    password_from: str,
    kind: str,
    sheet: str,
    as_of: str,
    target: str,
    mode: str,
    answers: tuple[str, ...],
    yes: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Draft contract.yaml for NAME from a table.

    On a terminal you are asked what the data cannot tell; Enter takes the default.
    Elsewhere, and with --yes, the defaults are taken and written down as assumptions.

    \b
    Examples:
        modelwright init calls --data bank_marketing.parquet --target y
        modelwright init calls --data calls.csv --target y --yes --answer owner="campaign lead"
        modelwright init calls --data sqlite:///calls.db --table calls --target y
    """  # noqa: D301 - click reads the backspace as: do not fold
    mode_of(mode)
    door = service(context)
    place = place_of(
        data,
        table=table,
        query=query,
        password_from=password_from,
        format=kind,
        sheet=sheet,
        as_of=as_of,
    )
    interactive = sys.stdin.isatty() and sys.stdout.isatty() and not yes and not as_json
    given: Mapping[str, str] = {}
    if force or not door.ports.project.contract_file.exists():  # else drafting refuses before anyone is asked
        given = _answers(door, place, target, answers, interactive=interactive)
    drafted = door.init(name, data=place, target=target, mode=mode, answers=given, force=force)
    if as_json:
        told = {"path": str(drafted.path), "digest": drafted.digest, "assumptions": drafted.assumptions}
        show_json(told)
    else:
        _tell(drafted, root=root_of(context))


def _answers(
    door: "Service", data: "DataPlace", target: str, answers: tuple[str, ...], *, interactive: bool
) -> Mapping[str, str]:
    if not interactive and not answers:
        return {}
    questions = door.questions(data, target=target)
    given = _given(answers, [question.key for question in questions])
    if not interactive:
        return given
    out = console()
    still = [question for question in questions if question.key not in given]
    out.print(f"[dim]{len(still)} questions the data cannot answer; Enter takes the default.[/]")
    for number, question in enumerate(still, 1):
        lead = f"{number}/{len(still)}  "
        out.print()
        for index, line in enumerate(wrapped(question.text, width() - len(lead))):
            out.print(f"[dim]{lead if not index else ' ' * len(lead)}[/][bold]{escape(line)}[/]")
        for line in wrapped(question.why, width() - len(lead)):
            out.print(f"{' ' * len(lead)}[dim]{escape(line)}[/]")
        indent = " " * len(lead)
        given[question.key] = (
            ask_one_of(question.key, question.options, default=question.default, indent=indent)
            if question.options
            else ask(indent + question.key, default=question.default)
        )
    out.print()
    return given


def _tell(drafted: "Drafted", *, root: Path) -> None:
    out = console()
    out.print(f"[bold green]✔[/] contract.yaml drafted ({drafted.digest[7:19]})")
    if drafted.assumptions:
        out.print(f"\nIt takes {len(drafted.assumptions)} things for granted, which also stand in the file:")
        show_lines("  [yellow]?[/] ", drafted.assumptions)
    typed = escape(program(root))
    out.print(f"\n[bold cyan]→[/] Read contract.yaml, change what is wrong, then: {typed} run")


def _given(answers: tuple[str, ...], known: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    faults: list[Fault] = []
    for answer in answers:
        key, separator, value = answer.partition("=")
        if not separator:
            faults.append(Fault(answer, "not of the form KEY=VALUE"))
        elif key not in known:
            close = nearest(key, known)
            faults.append(
                Fault(key, "no such question", next_step=f"did you mean '{close}'?" if close else "")
            )
        else:
            given[key] = value
    if faults:
        raise UserFault("answers that fit no question", faults=faults, expected=", ".join(known))
    return given
