"""Statements: in-toto's form, about things with a digest."""

import json

import pytest

from modelwright.kernel.errors import OurFault
from modelwright.ledger.attestation import PROVENANCE_V1, Resource, statement

BUNDLE = Resource(name="calls-v1.mwb", digest="sha256:" + "1" * 64)


def test_a_statement_names_its_type_its_subject_and_what_it_says():
    """Field by field as the specification names them."""
    found = json.loads(statement([BUNDLE], predicate_type=PROVENANCE_V1, predicate={"a": 1}))
    assert found == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "calls-v1.mwb", "digest": {"sha256": "1" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"a": 1},
    }


def test_a_resource_is_known_by_digest_or_by_address():
    """With what else is known about it."""
    package = Resource(name="numpy", uri="pkg:pypi/numpy@2.4.0")
    assert package.plain() == {"name": "numpy", "uri": "pkg:pypi/numpy@2.4.0"}
    code = Resource(name="code", digest="gitCommit:" + "a" * 40, notes={"changed": False})
    assert code.plain()["digest"] == {"gitCommit": "a" * 40}
    assert code.plain()["annotations"] == {"changed": False}


def test_a_statement_about_nothing_is_our_fault():
    """Or about something that could be anything."""
    with pytest.raises(OurFault, match="neither a digest nor a URI"):
        Resource(name="something").plain()
    for subjects in ([], [Resource(name="numpy", uri="pkg:pypi/numpy@2.4.0")]):
        with pytest.raises(OurFault, match="things with a digest"):
            statement(subjects, predicate_type=PROVENANCE_V1, predicate={})
