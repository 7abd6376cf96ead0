"""Answering: what a phase asks, shown as a command to type or put to the person at the terminal."""

import shlex
import sys
from pathlib import Path

from modelwright.surfaces.cli.console import console, escape, show_lines
from modelwright.surfaces.cli.door import program
from modelwright.surfaces.cli.prompt import ask, ask_one_of
from modelwright.workflow.asking import Asked, Choice, may_answer
from modelwright.workflow.service import Service

__all__ = ["answer_here", "can_answer_here", "command_line", "tell_command"]

AS_SHOWN = "confirmed as shown"
"""The reason that is recorded when a person gives none."""
LATER = "later"


def can_answer_here(door: Service) -> bool:
    """Say whether a person sits at a terminal: both input and output are one, and the actor is a person.

    Args:
        door: The service of the project.
    """
    return sys.stdin.isatty() and sys.stdout.isatty() and may_answer(door.ports)


def command_line(asked: Asked, *, root: Path) -> list[str]:
    """Return the command that answers as proposed, as lines ready to paste into a shell.

    Examples:
        >>> command_line(Asked(phase=1, question="Right?", explicit=False), root=Path("my calls"))
        ["modelwright -C 'my calls' approve 1"]
    """
    start = f"{program(root)} {shlex.join(asked.words[:2])}"
    flags = [shlex.join(choice.words) for choice in asked.choices]
    if len(flags) <= 1:
        return [" ".join([start, *flags])]
    lines = [start, *(f"  {flag}" for flag in flags)]
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def tell_command(asked: Asked, *, root: Path) -> None:
    """Print the command that answers as proposed.

    Args:
        asked: What the phase asks.
        root: The project's folder as it was given.
    """
    out = console()
    lead = "Answer with" if not asked.choices else "As proposed"
    out.print(f"{lead}:")
    for line in command_line(asked, root=root):
        out.print(f"  {line}", markup=False)
    if asked.lesser:
        out.print(f"[dim]{_lesser(asked)} then answered as the page proposes.[/]")
    no = f"{program(root)} reject {asked.phase}, or request-changes {asked.phase}"
    out.print(f"[dim]{escape(f'Otherwise: {no}, with --reason.')}[/]")


def _lesser(asked: Asked) -> str:
    return "1 lesser risk is" if asked.lesser == 1 else f"{asked.lesser} lesser risks are"


def answer_here(door: Service, asked: Asked, *, shown: bool) -> bool:
    """Put the question to the person at the terminal and record the answer.

    Args:
        door: The service of the project.
        asked: What the phase asks.
        shown: Whether the person has just seen what the phase found.

    Returns:
        Whether the run may go on: not when the answer was no, or later.
    """
    if len(asked.choices) == 1 and asked.choices[0].flag != "--risk":
        chosen = _pick(asked.choices[0], shown=shown)
    else:
        chosen = _agree(door, asked)
    if chosen is None:
        return False
    entry = door.approve(asked.phase, choices=chosen, reason=ask("Why", default=AS_SHOWN))
    who = escape(entry.actor.label)
    done = f"phase {asked.phase} approved by {who} (ledger entry {entry.sequence})"
    console().print(f"[bold green]✔[/] {done}")
    return True


def _pick(choice: Choice, *, shown: bool) -> dict[str, str] | None:
    """Choose one of a few; None puts it off."""
    if not shown:
        show_lines("", [choice.text])
    options = (*choice.options, LATER)
    said = ask_one_of("Your choice?", options, default=choice.proposed, open_ended=choice.open_ended)
    return None if said == LATER else {choice.key: said}


def _agree(door: Service, asked: Asked) -> dict[str, str] | None:
    """Say yes, and decide on each risk that matters; None for a no, which is recorded, and for later."""
    out = console()
    said = ask_one_of(
        "Answer now?" if asked.choices else "Is it so?",
        ("yes", "no", LATER),
        default="" if asked.explicit else "yes",
    )
    if said == LATER:
        return None
    if said == "no":
        entry = door.refuse(asked.phase, reason=ask("What is wrong"))
        out.print(f"[bold red]✘[/] phase {asked.phase} rejected (ledger entry {entry.sequence})")
        return None
    chosen = {choice.key: _decide(choice) for choice in asked.choices}
    if asked.lesser:
        out.print(f"[dim]{_lesser(asked)} answered as the page proposes.[/]")
    return chosen


def _decide(choice: Choice) -> str:
    console().print(f"\n[bold]{escape(choice.key)}[/]")
    show_lines("  ", [choice.text])
    return ask_one_of("What shall happen?", choice.options, default=choice.proposed, indent="  ")
