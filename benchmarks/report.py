"""What is shown and kept of a run of the benchmarks: a table, JSON, Markdown, and the machine it was on."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measurement import Measurement

COLUMNS = ("measured", "min / median / max", "bar", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one benchmark measured.

    Examples:
        >>> Section(name="start", about="", measurements=(), seconds=1.0).name
        'start'
    """

    name: str
    """The benchmark."""
    about: str
    """What it is about."""
    measurements: tuple[Measurement, ...]
    """Its figures."""
    seconds: float
    """How long measuring took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where it was measured.

    Examples:
        >>> Machine(cores=2, memory_gib=24, system="Linux", python="3.11", load=1.5, at="").told
        '2 cores, 24 GiB, Linux, Python 3.11, load 1.5'
    """

    cores: int
    """Processor cores this process may use."""
    memory_gib: int
    """Memory."""
    system: str
    """Operating system."""
    python: str
    """Version of Python."""
    load: float
    """Processes that wanted to run, averaged over the last minute."""
    at: str
    """When this was looked at."""

    @property
    def told(self) -> str:
        """In one line."""
        python = f"Python {self.python}, load {self.load:.1f}"
        return f"{self.cores} cores, {self.memory_gib} GiB, {self.system}, {python}"


def machine() -> Machine:
    """Look at this machine.

    Examples:
        >>> machine().cores > 0
        True
    """
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gib=round(pages / 2**30),
        system=platform.system(),
        python=platform.python_version(),
        load=os.getloadavg()[0],
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _cells(measurement: Measurement) -> tuple[str, str, str, str]:
    value = f"{measurement.spread} {measurement.unit}"
    return measurement.name, value, measurement.wanted, measurement.verdict


def table(sections: Sequence[Section]) -> str:
    """Return every figure beside its bar, in columns for a terminal.

    Args:
        sections: What was measured.

    Examples:
        >>> figure = Measurement(name="rows", unit="s", values=(1.0,), bar=2.0)
        >>> print(table([Section(name="start", about="", measurements=(figure,), seconds=1.0)]))
        measured  min / median / max  bar
        rows      1 / 1 / 1 s         <= 2 s  met (50 % of it)
    """
    rows = [COLUMNS, *(_cells(item) for section in sections for item in section.measurements)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def markdown(sections: Sequence[Section], *, before: Machine, after: Machine, seconds: float) -> str:
    """Return the same as a page.

    Args:
        sections: What was measured.
        before: The machine when it began.
        after: The machine when it ended.
        seconds: How long it took.

    Examples:
        >>> place = Machine(cores=2, memory_gib=24, system="Linux", python="3.11", load=1.5, at="2026-11-21")
        >>> markdown([], before=place, after=place, seconds=1.0).splitlines()[0]
        '# Benchmark results'
    """
    lines = [
        "# Benchmark results",
        "",
        f"{before.at}, {before.told} when it began and {after.load:.1f} when it ended; {seconds:.0f} s.",
    ]
    for section in sections:
        lines += ["", f"## {section.name}", "", section.about, ""]
        lines += ["| measured | min / median / max | bar | | |", "|---|---|---|---|---|"]
        for item in section.measurements:
            name, value, wanted, verdict = _cells(item)
            shown = f"**{verdict}**" if verdict.startswith("missed") else verdict
            lines.append(f"| {name} | {value} | {wanted} | {shown} | {item.note} |")
    return "\n".join([*lines, ""])


def write(out: Path, sections: Sequence[Section], *, before: Machine, after: Machine, seconds: float) -> None:
    """Keep the figures: one JSON file a benchmark, and a page over all that were measured now.

    Args:
        out: The folder.
        sections: What was measured.
        before: The machine when it began.
        after: The machine when it ended.
        seconds: How long it took.
    """
    out.mkdir(exist_ok=True)
    for section in sections:
        kept = {"machine": {"before": asdict(before), "after": asdict(after)}, **asdict(section)}
        text = json.dumps(kept, indent=2, ensure_ascii=False)
        (out / f"{section.name}.json").write_text(text + "\n", encoding="utf-8")
    page = markdown(sections, before=before, after=after, seconds=seconds)
    (out / "results.md").write_text(page, encoding="utf-8")
