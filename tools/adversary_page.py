"""Write docs/adversary.md from the attacks themselves: `python -m tools.adversary_page`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ATTACKS = ROOT / "tests" / "adversarial"
PAGE = ROOT / "docs" / "adversary.md"

HEAD = """# The adversary

Three promises are kept against somebody who tries: phases that code enforces, approvals nobody can fake,
scores nobody can fake. The adversary is an over-eager coding agent with a shell, a hurried engineer, a
crash. The suite attacks as they would: through every command, through the Python door, and with a hand in
the files. An attack has failed when it is refused with the next allowed step named, or, where the same
operating-system user cannot be stopped, when `modelwright verify`, `modelwright ledger verify` or the
books of looks find it. `SECURITY.md` says what is beyond that.

```console
$ python -m pytest tests/adversarial     # {attacks} attacks of {groups} kinds
$ python -m pytest tests/faults          # every metric with every fault at every joint: all blocked
$ make test-crash                        # kills of every command that writes; power loss replayed
```

- **Faults** (`tests/faults`). The matrix is made from the catalogue of metrics and the catalogue of
  joints: gate lines of every shape on all rows, on slices, against each rival and on machines; registry,
  rollout, server, approvals, late labels, the look of the monitor, the sealed scorer. Sound evidence
  passes each joint; missing, NaN, infinite, stale, reversed, of another kind, of another contract, of too
  few rows: none does, and each says what to do. A metric of an installed package is in the matrix by
  itself, which a test shows.
- **Crashes** (`tests/crash`). Every command that writes is killed before a durable step or after a random
  time, and typed again: the chain is whole, nothing half-written stands under a name that somebody reads,
  and the end is that of an undisturbed command. What each command forces to the disk is recorded and
  replayed with the power failing after every event: no name stands for bytes that are lost, and no entry
  is committed before the evidence it names is certain.

A weakness is a defect: report it as `SECURITY.md` says. A new attack is a test in `tests/adversarial`
whose name is the attack and whose first sentence says how it fails; `python -m tools.adversary_page`
writes this page anew.
"""


def attacks(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every attack of a file: its name in words, and the sentence that says how it fails."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            told = ast.get_docstring(node) or ""
            words = re.sub(r"\b(\w+) s\b", r"\1's", node.name.removeprefix("test_").replace("_", " "))
            yield words[0].upper() + words[1:], " ".join(told.split())


def groups() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Yield every kind of attack with its attacks: one file each."""
    for path in sorted(ATTACKS.glob("test_*.py")):
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield " ".join(told.split()), tuple(attacks(path))


def page() -> str:
    """Return the whole page."""
    listed = tuple(groups())
    head = HEAD.replace("{attacks}", str(sum(len(found) for _, found in listed)))
    lines = [head.replace("{groups}", str(len(listed)))]
    for told, found in listed:
        title, _, rest = told.partition(":")
        rest = rest.strip()
        lines += [
            f"## {title}",
            "",
            rest[:1].upper() + rest[1:],
            "",
            "| attack | what becomes of it |",
            "| --- | --- |",
        ]
        lines += [f"| {_cell(name)} | {_cell(sentence)} |" for name, sentence in found]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {sum(len(found) for _, found in groups())} attacks")
