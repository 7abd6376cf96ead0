"""A project: one folder with a contract and, below `.modelwright/`, everything that was stored."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.digest import digest_of, digest_of_file
from modelwright.kernel.errors import UserFault
from modelwright.ledger.artifacts import write_atomically

__all__ = ["CODE_SUFFIXES", "IGNORED_FOLDERS", "Project"]

CODE_SUFFIXES = frozenset({".py", ".ipynb", ".sql", ".yaml", ".yml", ".toml"})
"""What counts as a project's own code and configuration."""

IGNORED_FOLDERS = frozenset(
    {
        ".git",
        ".modelwright",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        "site-packages",
        "build",
        "dist",
        "site",
    }
)
"""Folders that are not the project's own code: never explored, reviewed or digested."""

MOST_FILES = 5000
"""Files of code looked at in one project: more is cut, visibly, so that a run in a home folder ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where things lie in a project.

    Examples:
        >>> Project(root=Path("calls")).contract_file.as_posix()
        'calls/contract.yaml'
    """

    root: Path
    """The project's folder."""

    @property
    def contract_file(self) -> Path:
        """The contract."""
        return self.root / "contract.yaml"

    @property
    def store(self) -> Path:
        """Everything Modelwright keeps."""
        return self.root / ".modelwright"

    @property
    def ledger_file(self) -> Path:
        """The ledger."""
        return self.store / "ledger.db"

    @property
    def ledger_note(self) -> Path:
        """Where the ledger lies, when it is not in that file."""
        return self.store / "ledger.json"

    @property
    def artifacts(self) -> Path:
        """Content-addressed evidence."""
        return self.store / "artifacts"

    @property
    def reports(self) -> Path:
        """Pages for people, written again at need from the evidence."""
        return self.store / "reports"

    @property
    def bundles(self) -> Path:
        """Packed models."""
        return self.store / "bundles"

    @property
    def checkpoints(self) -> Path:
        """Unfinished training."""
        return self.store / "checkpoints"

    @property
    def scratch(self) -> Path:
        """Work that is not finished; nothing in it is evidence, and the next run clears it."""
        return self.store / "scratch"

    @property
    def features(self) -> Path:
        """The file of the embedded feature store."""
        return self.store / "features.db"

    @property
    def serving(self) -> Path:
        """Routing, prediction log, labels and sketches."""
        return self.store / "serving"

    @property
    def pipeline(self) -> Path:
        """The code the writer leaves for the project's owner."""
        return self.root / "pipeline"

    def require(self) -> None:
        """Refuse a folder that holds no project.

        Raises:
            UserFault: When there is no contract.
        """
        if not self.contract_file.exists():
            raise UserFault(
                f"there is no contract.yaml in {self.root.resolve().name or self.root}",
                why="a run starts from what was agreed",
                next_step="draft one: modelwright init NAME --data FILE --target COLUMN",
            )

    def code_files(self) -> tuple[Path, ...]:
        """Return the project's own code and configuration files, sorted; links are not followed."""
        return tuple(self._walk(self.root))[:MOST_FILES]

    def _walk(self, folder: Path) -> Iterable[Path]:
        for path in sorted(folder.iterdir()):
            if path.is_symlink():
                continue
            if path.is_dir():
                if path.name not in IGNORED_FOLDERS:
                    yield from self._walk(path)
            elif path.suffix in CODE_SUFFIXES and path != self.contract_file:
                yield path

    def code_digest(self) -> str:
        """Return one digest over the names and bytes of the project's own code."""
        listed = {path.relative_to(self.root).as_posix(): digest_of_file(path) for path in self.code_files()}
        return digest_of(listed)

    def file_digest(self, path: Path) -> str:
        """Return a file's digest, remembered by its size and times so that status stays quick.

        The time of the last change is the kernel's: a modification time alone can be set back by anybody.
        """
        memory_file = self.store / "cache" / "digests.json"
        try:
            memory = json.loads(memory_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            memory = {}
        state = path.stat()
        key = f"{path.resolve()}|{state.st_ino}|{state.st_size}|{state.st_mtime_ns}|{state.st_ctime_ns}"
        known = memory.get(key)
        if isinstance(known, str):
            return known
        digest = digest_of_file(path)
        write_atomically(memory_file, json.dumps({**memory, key: digest}).encode())
        return digest
