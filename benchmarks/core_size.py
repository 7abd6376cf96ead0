"""The size of an installation without extras, from what the installed distributions list as their files."""

import marshal
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.measurement import Measurement

BAR_MB = 600.0

BYTECODE_HEADER = 16
"""Bytes in front of the code in a compiled file: magic number, flags, time and size of the source."""


def closure(name: str) -> Iterator[metadata.Distribution]:
    """The distribution and everything it requires here, without extras, each once."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        distribution = metadata.distribution(waiting.pop())
        key = distribution.metadata["Name"].lower().replace("_", "-")
        if key in seen:
            continue
        seen.add(key)
        yield distribution
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


def bytecode_size(source: Path) -> int:
    """Bytes that pip writes beside a source file when it compiles ahead, which it does by default."""
    try:
        code = compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):  # templates and tests of errors, which pip leaves uncompiled too
        return 0
    return len(marshal.dumps(code)) + BYTECODE_HEADER


def measure() -> tuple[Measurement, ...]:
    """The files as unpacked, and the same with bytecode for all of them."""
    files = bytecode = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the style of other people's sources is not what is measured
        for distribution in closure("modelwright"):
            for file in distribution.files or ():
                path = Path(str(distribution.locate_file(file)))
                if path.suffix == ".pyc" or not path.is_file():
                    continue
                files += path.stat().st_size
                bytecode += bytecode_size(path) if path.suffix == ".py" else 0
    return (
        Measurement(name="core installation", unit="MB", values=(files / 1e6,), bar=BAR_MB),
        Measurement(
            name="core installation, all bytecode compiled ahead",
            unit="MB",
            values=((files + bytecode) / 1e6,),
            bar=BAR_MB,
        ),
    )
