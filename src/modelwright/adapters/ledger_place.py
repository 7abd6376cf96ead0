"""Where a project's ledger lies: in a file of the project, or in PostgreSQL under a name that is noted once.

A project has one ledger. Whoever forgets the setting, or sets it for a project that keeps its ledger in a
file, would look at an empty one and begin a second; both are refused.
"""

import json
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.entry import Ledger

__all__ = ["LedgerNote", "open_ledger"]

NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
"""What a project's name in a database may look like; it becomes the name of a schema."""

NAME_BYTES = 8
"""Random bytes of a name that nobody chose."""

LONGEST_NOTE = 4096
"""Bytes of the note that are read."""


class LedgerNote:
    """The file that says under which name a project's ledger lies in which database; it holds no password.

    Args:
        path: The file, in the project's store.
        place: Server, port and database of the setting; empty when the ledger is to lie in a file.
        wanted: The name the setting asks for; empty leaves it to the note, or to chance.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     note = LedgerNote(Path(folder, "ledger.json"), place="db:5432/models", wanted="calls")
        ...     (note.known(), note.claim(), note.known())
        ('calls', 'calls', 'calls')
    """

    def __init__(self, path: Path, *, place: str, wanted: str = "") -> None:
        """Keep what the setting says; read nothing yet."""
        self.path = path
        self.place = place
        self.wanted = wanted

    def known(self) -> str:
        """Return the name that is noted or asked for; empty while there is none.

        Raises:
            UserFault: When the note names another place or another name than the setting.
            IntegrityBroken: When the note cannot be read.
        """
        noted = self._read()
        if noted is None:
            return self.wanted
        place, name = noted
        if place != self.place or (self.wanted and name != self.wanted):
            raise UserFault(
                "this project's ledger lies elsewhere",
                why="a project has one ledger; a second would begin empty and contradict the first",
                next_step=f"set MODELWRIGHT_LEDGER to postgresql://USER@{place}?project={name}",
                found=f"{self.place or 'a file in the project'} {self.wanted}".strip(),
                expected=f"{place} {name}",
            )
        return name

    def claim(self) -> str:
        """Return the name; note one first when there is no note. Two processes at once settle on one.

        Raises:
            StorageFailed: When the note cannot be written.
        """
        if self._read() is None:
            name = self.wanted or os.urandom(NAME_BYTES).hex()
            draft = self.path.with_name(f"{self.path.name}.{os.urandom(NAME_BYTES).hex()}")
            write_atomically(draft, json.dumps({"place": self.place, "project": name}).encode())
            try:
                # Unlike a rename, a link fails when somebody else was faster, and their note stands.
                self.path.hardlink_to(draft)
            except FileExistsError:
                pass
            except OSError as error:
                raise StorageFailed(
                    f"{self.path.name} cannot be written: {error.strerror or error}",
                    why="it says where the ledger lies",
                    next_step="check that the folder is writable and run again",
                ) from error
            finally:
                draft.unlink(missing_ok=True)
        return self.known()  # whoever noted it, between a look and the next one too

    def _read(self) -> tuple[str, str] | None:
        try:
            with self.path.open("rb") as stream:
                found = json.loads(stream.read(LONGEST_NOTE))
            place, name = str(found["place"]), str(found["project"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise IntegrityBroken(
                f"{self.path.name} cannot be read: {error}",
                why="it says where this project's ledger lies",
                next_step="restore it from a copy: the place and the name of the project in the database",
            ) from error
        return place, _named(name)


def open_ledger(url: str, *, file: Path, note: Path, clock: Clock) -> Ledger:
    """Return the ledger of a project; nothing is opened or connected to yet.

    Args:
        url: The setting: empty for a file in the project, or `postgresql://...`, where `?project=NAME` names
            a project that others began.
        file: Where the ledger lies when it is a file.
        note: Where it is noted when it is not.
        clock: Tells when each entry is written.

    Raises:
        UserFault: When the URL is of another kind, or the project has its ledger elsewhere.
        MissingExtra: When PostgreSQL is asked for and its extra is not installed.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> places = {"file": Path("nowhere/ledger.db"), "note": Path("nowhere/ledger.json")}
        >>> type(open_ledger("", clock=SteppingClock(), **places)).__name__
        'SqliteLedger'
    """
    if not url:
        LedgerNote(note, place="").known()
        return SqliteLedger(file, clock=clock)
    try:
        parts = urlsplit(url)
    except ValueError:  # half an address in brackets; what follows tells of it
        parts = urlsplit("")
    if parts.scheme not in {"postgresql", "postgres"}:
        raise UserFault(
            "MODELWRIGHT_LEDGER names no kind of ledger that is known",
            why="it says where decisions are written down",
            next_step="unset it for a file in the project, or write postgresql://USER@HOST/DATABASE",
            found=f"{parts.scheme or 'no scheme'}",
            expected="postgresql://...",
        )
    from modelwright.adapters.postgres_ledger import (
        PostgresLedger,
        place_of,
    )  # an extra, where it is asked for

    if file.exists():
        raise UserFault(
            "this project has its ledger in a file, and MODELWRIGHT_LEDGER names a database",
            why="a project has one ledger; a second would begin empty and contradict the first",
            next_step="move it: unset MODELWRIGHT_LEDGER, modelwright ledger export FILE, rename "
            f"{file.name}, set MODELWRIGHT_LEDGER again, modelwright ledger import FILE",
        )
    asked = dict(parse_qsl(parts.query))
    wanted = asked.pop("project", "")
    plain = urlunsplit(parts._replace(query=urlencode(asked)))
    found = LedgerNote(note, place=place_of(plain), wanted=_named(wanted) if wanted else "")
    found.known()
    return PostgresLedger(plain, clock=clock, known=found.known, claim=found.claim)


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise UserFault(
            f"'{name}' cannot be the name of a project in a database",
            why="it becomes the name of a schema",
            next_step="use up to 40 small letters, digits and _",
        )
    return name
