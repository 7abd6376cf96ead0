"""YAML as a tree that remembers lines: what contracts and capsules are read through.

Only what a hand-written file needs is accepted (mappings with text keys, sequences, scalars of the YAML
1.2 core schema: `yes` and `no` are text). Anchors, aliases, tags and further documents are faults, so a
file can neither grow while it is read nor construct objects; size and depth are bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelwright.contracts.scalar import Value
from modelwright.kernel.errors import ContractInvalid, Fault, StorageFailed

__all__ = ["Tree", "read_text", "read_tree"]

MOST_BYTES = 2_000_000
"""A contract of 5,000 columns has about a quarter of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    r"""A value, and the line of every key and item in it.

    Examples:
        >>> tree, faults = read_tree("a:\n  b: [1, two]\n", name="x.yaml")
        >>> tree.value, tree.line(("a", "b", 1)), faults
        ({'a': {'b': [1, 'two']}}, 2, ())
    """

    value: dict[str, Value]
    """The whole file as plain values."""
    lines: Mapping[tuple[str | int, ...], int]
    """Line, from 1, of each key and item, by its path."""

    def line(self, path: tuple[str | int, ...]) -> int:
        """Return the line of the nearest thing on the way to `path` that stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_tree(text: str, *, name: str) -> tuple[Tree, tuple[Fault, ...]]:
    r"""Read YAML text into a tree, with the faults that did not stop the reading.

    Args:
        text: The file's text.
        name: The name the file goes by in messages.

    Raises:
        ContractInvalid: When the text is no YAML mapping, or beyond the bounds.

    Examples:
        >>> read_tree("a: 1\na: 2\n", name="x.yaml")[1]
        (Fault('x.yaml:2', "'a' stands twice, first in line 1", next_step='keep one of the two'),)
    """
    if len(text) > MOST_BYTES:
        raise _too_large(name, len(text))
    # The parser takes 80 ms to import; whoever has a contract as JSON does not need it.
    from modelwright.contracts.yaml_reader import read_events

    reading = read_events(text, name=name)
    return Tree(value=reading.value, lines=reading.lines), reading.faults


def _too_large(name: str, size: int) -> ContractInvalid:
    return ContractInvalid(
        f"{name} is too large to be a contract",
        why="a file of this size was not written for people to read",
        next_step="check that the path names the contract and not the data",
        found=f"{size:,} bytes",
        expected=f"at most {MOST_BYTES:,}",
    )


def read_text(path: Path, *, missing: str) -> str:
    """Read a small UTF-8 text file.

    Args:
        path: The file.
        missing: What to do when there is none.

    Raises:
        ContractInvalid: When it is missing, a folder, too large or not UTF-8.
        StorageFailed: When the disk does not give it out.

    Examples:
        >>> read_text(Path("nowhere.yaml"), missing="type `modelwright init`")
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractInvalid: there is no nowhere.yaml...
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(path.name, size)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        folder = isinstance(error, IsADirectoryError)
        raise ContractInvalid(
            f"{path.name} is a folder" if folder else f"there is no {path.name} in {path.parent}",
            why="the file says what was agreed; without it nothing can be run",
            next_step=missing,
        ) from error
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be read: {error.strerror or error}",
            next_step="check that the file is there and readable",
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractInvalid(
            f"{path.name} is not UTF-8 text",
            why="letters outside ASCII would be guessed, and a guess is not an agreement",
            faults=(
                Fault(
                    f"{path.name}:{line}",
                    f"byte {error.start} is 0x{data[error.start]:02x}",
                    next_step="save the file as UTF-8",
                ),
            ),
        ) from error
