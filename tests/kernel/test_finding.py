"""Findings: ordered by how much they matter, named so that the next run finds them again."""

from modelwright.kernel.finding import Finding, Severity


def test_severities_are_ordered_from_info_to_critical():
    """The rank is the place."""
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3, 4]
    assert max(Severity, key=lambda severity: severity.rank) is Severity.CRITICAL


def test_a_finding_is_known_by_code_and_subject():
    """So that a decision about it still applies after a rerun."""
    facts = {
        "code": "MISSING",
        "title": "x",
        "severity": Severity.LOW,
        "confidence": 90,
        "category": "data quality",
    }
    assert Finding(**facts, subject="age").identity == "MISSING:age"
    assert Finding(**facts).identity == "MISSING"
