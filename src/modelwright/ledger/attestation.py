"""Attestations: what the ledger knows, in the words of in-toto, so that the tools of others read it.

Sources: in-toto Attestation Framework, Statement v1
(https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md); SLSA Provenance v1
(https://slsa.dev/spec/v1.0/provenance); SLSA Verification Summary v1
(https://slsa.dev/spec/v1.0/verification_summary). A statement travels in a DSSE envelope, and several in a
bundle of one line each (https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelwright.kernel.digest import Json, canonical_json
from modelwright.kernel.errors import OurFault

__all__ = ["APPROVAL_V1", "IN_TOTO", "PROVENANCE_V1", "SUMMARY_V1", "Resource", "statement"]

IN_TOTO = "application/vnd.in-toto+json"
"""What an envelope with a statement says it holds."""
STATEMENT_V1 = "https://in-toto.io/Statement/v1"
"""The type every statement names."""
PROVENANCE_V1 = "https://slsa.dev/provenance/v1"
"""How something was made, and of what."""
SUMMARY_V1 = "https://slsa.dev/verification_summary/v1"
"""That something was held against a policy, and what came of it."""
APPROVAL_V1 = "urn:modelwright:approval:v1"
"""What a person decided; in-toto knows no such type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something a statement is about, or names.

    Examples:
        >>> Resource(name="calls-v1.mwb", digest="sha256:" + "0" * 64).plain()["name"]
        'calls-v1.mwb'
    """

    name: str
    """Its name, as people know it."""
    digest: str = ""
    """`sha256:` and 64 hex digits, or `gitCommit:` and a commit; empty when it has a URI."""
    uri: str = ""
    """Where it is known, such as `pkg:pypi/numpy@2.4.0`; empty when it has a digest."""
    notes: Mapping[str, Json] | None = None
    """What else is known about it."""

    def plain(self) -> dict[str, Json]:
        """Return it as a ResourceDescriptor.

        Raises:
            OurFault: When it has neither a digest nor a URI.
        """
        algorithm, _, value = self.digest.partition(":")
        if not value and not self.uri:
            raise OurFault(f"'{self.name}' has neither a digest nor a URI", next_step="report this")
        found: dict[str, Json] = {"name": self.name}
        if value:
            found["digest"] = {algorithm: value}
        if self.uri:
            found["uri"] = self.uri
        if self.notes:
            found["annotations"] = self.notes
        return found


def statement(subjects: Sequence[Resource], *, predicate_type: str, predicate: Mapping[str, Json]) -> bytes:
    """Return a Statement v1 as canonical JSON, the payload of an envelope.

    Args:
        subjects: What it is about, each with a digest.
        predicate_type: What kind of thing it says.
        predicate: What it says.

    Raises:
        OurFault: When it is about nothing, or about something without a digest.

    Examples:
        >>> bundle = Resource(name="calls-v1.mwb", digest="sha256:" + "0" * 64)
        >>> statement([bundle], predicate_type=APPROVAL_V1, predicate={})[:40]
        b'{"_type":"https://in-toto.io/Statement/v'
    """
    if not subjects or not all(subject.digest for subject in subjects):
        raise OurFault("a statement is about things with a digest", next_step="report this")
    return canonical_json(
        {
            "_type": STATEMENT_V1,
            "subject": [subject.plain() for subject in subjects],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )
