"""The error tree: the user's fault, the world's fault, our fault.

```text
ModelwrightError
├── UserFault            exit 2   something you can put right
│   ├── ContractInvalid           contract.yaml does not say what it must
│   ├── ContractChanged  exit 6   the frozen contract was edited without an amendment
│   ├── DataInvalid               a table cannot be read or does not hold what was asked for
│   ├── UnknownName               a name that is not in a closed list
│   ├── PhaseLocked      exit 6   a phase whose conditions do not hold yet
│   ├── ApprovalRefused  exit 6   this actor may not decide this, or not so
│   ├── BundleRejected   exit 7   a bundle that cannot be trusted
│   ├── TrainingFailed            a design that cannot be trained on this data
│   └── MissingExtra              an optional dependency that is not installed
├── WorldFault           exit 3   something around us failed; trying again may help
│   ├── ProjectBusy      exit 8   another process is writing in the same project
│   ├── StorageFailed             the disk is full, read-only or gone
│   ├── IntegrityBroken  exit 7   stored evidence is not what was stored
│   └── ServiceFailed             a process or service we talk to did not answer as it must
└── OurFault             exit 4   a defect of Modelwright; please report it
```

A failed gate is a result, not an error: see `modelwright.kernel.outcome`.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import IntEnum

__all__ = [
    "ApprovalRefused",
    "BundleRejected",
    "ContractChanged",
    "ContractInvalid",
    "DataInvalid",
    "ExitCode",
    "Fault",
    "IntegrityBroken",
    "MissingExtra",
    "ModelwrightError",
    "OurFault",
    "PhaseLocked",
    "ProjectBusy",
    "ServiceFailed",
    "StorageFailed",
    "TrainingFailed",
    "UnknownName",
    "UserFault",
    "WorldFault",
    "nearest",
]

LONGEST_FACT = 300
"""Found and expected values are cut to this many characters: a message is read by a person."""


class ExitCode(IntEnum):
    """How a command ends, by name.

    Examples:
        >>> int(ExitCode.WAITING)
        5
    """

    OK = 0
    """The work is done."""
    NOT_PASSED = 1
    """A gate, check or comparison answered failed or unknown: a result, not an error."""
    USER_FAULT = 2
    """Something in the call, the contract or the data has to be put right."""
    WORLD_FAULT = 3
    """Disk, network or another process failed."""
    OUR_FAULT = 4
    """A defect of Modelwright."""
    WAITING = 5
    """The run stopped where a person must decide."""
    LOCKED = 6
    """The step is not allowed now: a phase is locked, an approval is missing or refused."""
    TAMPERED = 7
    """Stored evidence or a bundle is not what was stored."""
    BUSY = 8
    """Another process is writing in the same project."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; the project is unharmed."""


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option that looks most like `name`, or None when none comes close.

    Examples:
        >>> nearest("tagret", ["target", "task"])
        'target'
        >>> nearest("zzz", ["target", "task"]) is None
        True
    """
    listed = list(options)
    matches = get_close_matches(name, listed, n=1, cutoff=0.6)
    if matches:
        return matches[0]
    folded = {option.casefold(): option for option in listed}
    return folded.get(name.casefold())


def _bounded(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_FACT else text[: LONGEST_FACT - 1] + "…"


class Fault:
    """One thing that is wrong, told in a line: where, what, and what to do next.

    Examples:
        >>> print(Fault("contract.yaml:4", "unknown key 'gaol'", next_step="did you mean 'goal'?"))
        contract.yaml:4: unknown key 'gaol'; did you mean 'goal'?
    """

    __slots__ = ("next_step", "what", "where")

    def __init__(self, where: str, what: str, *, next_step: str = "") -> None:
        """Keep the place, the fact and the cure of one fault."""
        self.where = where
        self.what = _bounded(what)
        self.next_step = next_step

    def __str__(self) -> str:
        """Render the fault as one line."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"; {self.next_step}" if self.next_step else "")

    def __repr__(self) -> str:
        """Show the fault as it was made."""
        return f"Fault({self.where!r}, {self.what!r}, next_step={self.next_step!r})"


class ModelwrightError(Exception):
    """The root of everything Modelwright raises on purpose.

    Args:
        what: What happened, as a sentence without a full stop.
        why: Why it matters.
        next_step: What to do next.
        found: The value that was found, when there is one.
        expected: The value that was expected, when there is one.
        faults: All faults of one input, when there are several.

    Examples:
        >>> print(
        ...     UserFault(
        ...         "no rows in calls.csv",
        ...         why="there is nothing to learn from",
        ...         next_step="point --data at a file with rows",
        ...         found=0,
        ...         expected="10 or more",
        ...     )
        ... )
        no rows in calls.csv (found 0, expected 10 or more).
        Why it matters: there is nothing to learn from.
        Next: point --data at a file with rows.
    """

    exit_code = ExitCode.OUR_FAULT

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = "",
        found: object = None,
        expected: object = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        """Build the message from facts."""
        self.what = _bounded(what)
        self.why = why
        self.next_step = next_step
        self.found = None if found is None else _bounded(found)
        self.expected = None if expected is None else _bounded(expected)
        self.faults = tuple(faults)
        super().__init__(self._text())

    def _text(self) -> str:
        facts = [
            f"{word} {value}"
            for word, value in (("found", self.found), ("expected", self.expected))
            if value is not None
        ]
        lines = [self.what + (f" ({', '.join(facts)})" if facts else "") + ("" if self.faults else ".")]
        if self.faults:
            lines[0] += f": {len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}"
            lines += [f"  - {fault}" for fault in self.faults]
        if self.why:
            lines.append(f"Why it matters: {self.why}.")
        if self.next_step:
            lines.append(f"Next: {self.next_step}" + ("" if self.next_step.endswith("?") else "."))
        return "\n".join(lines)


class UserFault(ModelwrightError):
    """Something the person at the keyboard can put right.

    Examples:
        >>> UserFault("no").exit_code.name
        'USER_FAULT'
    """

    exit_code = ExitCode.USER_FAULT


class ContractInvalid(UserFault):
    """`contract.yaml` does not say what it must; every fault of the file is listed.

    Examples:
        >>> error = ContractInvalid(
        ...     "contract.yaml is not valid", faults=[Fault("contract.yaml:2", "no goal")]
        ... )
        >>> len(error.faults)
        1
    """


class ContractChanged(UserFault):
    """The contract was edited after it was frozen, without an amendment.

    Examples:
        >>> ContractChanged("edited").exit_code.name
        'LOCKED'
    """

    exit_code = ExitCode.LOCKED


class DataInvalid(UserFault):
    """A table cannot be read, or does not hold what was asked for.

    Examples:
        >>> DataInvalid("calls.csv is empty").what
        'calls.csv is empty'
    """


class UnknownName(UserFault):
    """A name that is not in a closed list; the nearest one is offered.

    Examples:
        >>> print(UnknownName.among("mode", "quik", ["quick", "standard"]))
        unknown mode 'quik' (expected one of: quick, standard).
        Next: did you mean 'quick'?
    """

    @classmethod
    def among(cls, kind: str, name: str, options: Iterable[str], *, why: str = "") -> "UnknownName":
        """Build the error from the kind of thing, the name asked for and the names there are."""
        listed = list(options)
        if not listed:
            cure = "modelwright status shows what has to happen first"
            return cls(f"unknown {kind} '{name}' (there is no {kind} yet)", why=why, next_step=cure)
        close = nearest(name, listed)
        return cls(
            f"unknown {kind} '{name}'",
            why=why,
            expected="one of: " + ", ".join(listed[:20]) + (", ..." if len(listed) > 20 else ""),
            next_step=f"did you mean '{close}'?" if close else f"use one of the {kind} names listed",
        )


class PhaseLocked(UserFault):
    """A phase whose conditions do not hold yet; the next allowed step is named.

    Examples:
        >>> PhaseLocked("phase 7 is locked", next_step="modelwright approve 6").exit_code.name
        'LOCKED'
    """

    exit_code = ExitCode.LOCKED


class ApprovalRefused(UserFault):
    """This actor may not decide this, or not in this way.

    Examples:
        >>> ApprovalRefused("an agent may not approve").exit_code.name
        'LOCKED'
    """

    exit_code = ExitCode.LOCKED

    @classmethod
    def without_terminal(cls) -> "ApprovalRefused":
        """Build the error for a passphrase that nobody can be asked for."""
        return cls(
            "there is no terminal to ask for the passphrase at",
            why="a passphrase is typed by a person, never taken from an argument, a variable or a pipe",
            next_step="run it in a terminal, or answer offline: modelwright approvals --help",
        )


class BundleRejected(UserFault):
    """A bundle whose bytes, structure or provenance cannot be trusted.

    Examples:
        >>> BundleRejected("digest mismatch in model.txt").exit_code.name
        'TAMPERED'
    """

    exit_code = ExitCode.TAMPERED


class TrainingFailed(UserFault):
    """A design that cannot be trained on this data.

    Examples:
        >>> TrainingFailed("one class in every fold").exit_code.name
        'USER_FAULT'
    """


class MissingExtra(UserFault):
    """An optional dependency that is not installed.

    Examples:
        >>> print(MissingExtra.needed("mlflow", "mirroring runs to MLflow"))
        mirroring runs to MLflow needs the optional package 'mlflow'.
        Next: pip install 'modelwright[mlflow]'.
    """

    @classmethod
    def needed(cls, extra: str, purpose: str) -> "MissingExtra":
        """Build the error from the extra and what it is needed for."""
        return cls(
            f"{purpose} needs the optional package '{extra}'",
            next_step=f"pip install 'modelwright[{extra}]'",
        )


class WorldFault(ModelwrightError):
    """Something around us failed; trying again may help.

    Examples:
        >>> WorldFault("no answer").exit_code.name
        'WORLD_FAULT'
    """

    exit_code = ExitCode.WORLD_FAULT


class ProjectBusy(WorldFault):
    """Another process is writing in the same project.

    Examples:
        >>> ProjectBusy("another run holds the lock").exit_code.name
        'BUSY'
    """

    exit_code = ExitCode.BUSY


class StorageFailed(WorldFault):
    """The disk is full, read-only or gone; what was stored before is unharmed.

    Examples:
        >>> StorageFailed("no space left on device").exit_code.name
        'WORLD_FAULT'
    """


class IntegrityBroken(WorldFault):
    """Stored evidence is not what was stored.

    Examples:
        >>> IntegrityBroken("entry 4 was edited").exit_code.name
        'TAMPERED'
    """

    exit_code = ExitCode.TAMPERED


class ServiceFailed(WorldFault):
    """A process or service we talk to did not answer as it must.

    Examples:
        >>> ServiceFailed("the scorer stopped").exit_code.name
        'WORLD_FAULT'
    """


class OurFault(ModelwrightError):
    """A defect of Modelwright itself.

    Examples:
        >>> OurFault("unreachable").exit_code.name
        'OUR_FAULT'
    """
