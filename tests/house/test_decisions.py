"""Decisions and changes: dated, with a status, and in the list."""

import re
from datetime import date

import pytest
from tests.house.tree import DOCS, ROOT

from modelwright._version import __version__

RECORDS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
STATUS = re.compile(r"proposed|accepted|superseded by (\d{4})")


def test_decisions_are_numbered_without_a_gap():
    """A number is a name that is never given twice."""
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts_and_its_line_in_the_list(path):
    """Title, date, status, context, decision, consequences; the list repeats date and status."""
    text = path.read_text(encoding="utf-8")
    number = path.name[:4]
    assert text.startswith(f"# {number}: ")
    dated = re.search(r"^- Date: (\S+)$", text, re.MULTILINE)
    status = re.search(r"^- Status: (.+)$", text, re.MULTILINE)
    assert dated is not None
    assert status is not None
    assert date.fromisoformat(dated[1])
    known = STATUS.fullmatch(status[1])
    assert known is not None
    assert known[1] is None or list((DOCS / "decisions").glob(f"{known[1]}-*.md"))
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    row = re.compile(rf"^\| \[{number}\]\({path.name}\) \| .+ \| {dated[1]} \| {status[1]} \|$", re.MULTILINE)
    assert row.search((DOCS / "decisions" / "index.md").read_text(encoding="utf-8"))


def test_the_changelog_collects_what_is_not_released_yet_on_top():
    """Entries go under Unreleased; versions below it are dated, the current one included once released."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})", line) for line in headings[1:]]
    assert all(released)
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert [line[1] for line in released if line is not None][:1] in ([], [__version__])
