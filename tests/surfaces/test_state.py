"""Commands that show state: status, check, compact, schema, report, versions, looks, ledger."""

import json

from modelwright.kernel.errors import ExitCode


def shown_as_json(desk, *words):
    """The JSON a command prints, and nothing beside it."""
    code, out, err = desk(*words, "--json")
    assert code == ExitCode.OK, err
    return json.loads(out)


def test_status_shows_the_twelve_phases_and_the_next_step(assessed):
    """The todo list: what is done, what waits, what is locked, and what to type."""
    code, out, _ = assessed("status")
    assert code == ExitCode.OK
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()[:2].strip().isdigit()}
    assert len(lines) == 12
    assert "done" in lines["1"]
    assert "waits for you" in lines["3"]
    assert "locked" in lines["7"]
    assert "modelwright approve 3" in out


def test_status_is_the_same_record_as_json(assessed):
    """Programs read the record that the text is rendered from."""
    told = shown_as_json(assessed, "status")
    assert [phase["state"] for phase in told["phases"][:4]] == ["done", "done", "waiting", "open"]
    assert told["frozen"] is False


def test_a_valid_contract_is_said_to_be_valid(drafted):
    """With the digest that every joint will demand."""
    told = shown_as_json(drafted, "check")
    code, out, _ = drafted("check")
    assert code == ExitCode.OK
    assert told["digest"][7:19] in out


def test_the_compact_is_nineteen_fields_for_a_pull_request(drafted):
    """Markdown for people, JSON for programs."""
    assert len(shown_as_json(drafted, "compact")) == 19
    out = drafted("compact")[1]
    assert out.startswith("# Iteration Compact")
    assert out.count("\n- **") == 19


def test_the_schema_is_json_either_way(drafted):
    """Editors complete contract.yaml with it."""
    assert shown_as_json(drafted, "schema") == json.loads(drafted("schema")[1])


def test_a_report_is_named_by_its_page(assessed):
    """`modelwright report 3` prints a path that a browser opens."""
    code, out, _ = assessed("report", "3")
    assert code == ExitCode.OK
    assert out.strip().endswith("03-risk-assessment.html")
    assert shown_as_json(assessed, "report", "3") == {"page": out.strip()}


def test_a_page_that_is_not_written_yet_is_a_fault(assessed):
    """The next step writes it."""
    code, _, err = assessed("report", "8")
    assert code == ExitCode.USER_FAULT
    assert "phase 8 has no page yet" in err


def test_there_are_no_versions_and_no_looks_in_the_beginning(drafted):
    """Empty lists are lists; the text says what comes next."""
    assert shown_as_json(drafted, "versions") == []
    assert "No version yet" in drafted("versions")[1]
    assert shown_as_json(drafted, "looks") == {"looks": [], "taken": 0, "allowed": 3, "left": 3}
    assert "Nobody has looked" in drafted("looks")[1]


def test_the_ledger_lists_its_entries_by_kind(assessed):
    """Oldest first; one line an entry."""
    entries = shown_as_json(assessed, "ledger", "show")
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["kind"] == "project.started"
    assert len(assessed("ledger", "show")[1].splitlines()) == len(entries)
    only = assessed("ledger", "show", "--kind", "phase.completed")[1]
    assert len(only.splitlines()) == 3


def test_the_chain_of_the_ledger_holds(assessed):
    """The outcome is shown with its evidence."""
    assert shown_as_json(assessed, "ledger", "verify")["outcome"]["status"] == "passed"
    assert "entries; head" in assessed("ledger", "verify")[1]


def test_a_review_needs_no_project(desk):
    """Any folder with Python files can be reviewed; what blocks ends in the exit code of a failed check."""
    clean = desk.folder / "clean.py"
    clean.write_text('"""Adds."""\n\n\ndef add(a, b):\n    """Add."""\n    return a + b\n', encoding="utf-8")
    code, out, err = desk("review", str(clean), "--json")
    assert code == ExitCode.OK, err
    assert json.loads(out)["decision"] == "APPROVE"
