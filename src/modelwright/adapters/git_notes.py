"""Anchors in git: notes on commits, under refs/notes/modelwright, pushed like anything else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from modelwright.kernel.errors import ServiceFailed, UserFault

__all__ = ["GitNotes"]

REF = "refs/notes/modelwright"
"""Where the notes are; pushed with `git push origin refs/notes/modelwright`."""

SECONDS = 30.0
"""How long git may take."""

NOBODY = ("-c", "user.name=modelwright", "-c", "user.email=modelwright@localhost")
"""In whose name a note is committed where git knows nobody; what counts is the signature in it."""


class GitNotes:
    """The notes of the repository a project lies in.

    Args:
        root: The project's folder, or any other in the repository.

    Examples:
        >>> GitNotes(Path("project")).root.name
        'project'
    """

    def __init__(self, root: Path) -> None:
        """Keep the folder; ask git nothing yet."""
        self.root = root

    def put(self, line: bytes) -> str:
        """Add a line to the note on the present commit and return what to push.

        Raises:
            UserFault: When there is no repository or no commit.
            ServiceFailed: When git is missing or refuses.
        """
        commit = self._git("rev-parse", "--verify", "HEAD^{commit}").decode().strip()
        who = () if self._knows("user.email") and self._knows("user.name") else NOBODY
        held = b"".join(text + b"\n" for text in self._note(commit))
        self._git(
            *who,
            *("notes", "--ref", REF, "add", "--force", "--file", "-", commit),
            given=held + line + b"\n",
        )
        return f"{REF} on {commit[:12]}; share it: git push origin {REF}"

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Yield every line of every note, each with the commit it is on; notes in the order of the commits.

        Raises:
            UserFault: When there is no repository.
            ServiceFailed: When git is missing or refuses.
        """
        self._git("rev-parse", "--git-dir")
        listed = self._git("notes", "--ref", REF, "list").decode().split()
        for commit in listed[1::2]:
            for number, line in enumerate(self._note(commit), 1):
                yield f"git {commit[:12]}:{number}", line

    def _note(self, commit: str) -> list[bytes]:
        """Return the lines of the note on a commit; none when there is no note."""
        held = self._git("notes", "--ref", REF, "list").decode().split()
        if commit not in held[1::2]:
            return []
        text = self._git("notes", "--ref", REF, "show", commit)
        return [line for line in text.splitlines() if line.strip()]

    def _knows(self, key: str) -> bool:
        try:
            return bool(self._git("config", key).strip())
        except UserFault:
            return False

    def _git(self, *words: str, given: bytes = b"") -> bytes:
        try:
            ran = subprocess.run(
                ["git", "-C", str(self.root), *words],  # noqa: S607 - git is where the person's path says
                input=given,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceFailed(
                f"git did not answer: {error}",
                why="anchors are kept as notes in the repository",
                next_step="install git, or anchor in a file: modelwright ledger anchor --to FILE",
            ) from error
        if ran.returncode:
            said = " ".join(ran.stderr.decode(errors="replace").split())
            raise UserFault(
                f"git refused: {said or words[0]}",
                why="anchors are kept as notes on the commits of the repository the project lies in",
                next_step="make a commit first, or anchor in a file: modelwright ledger anchor --to FILE",
            )
        return ran.stdout
