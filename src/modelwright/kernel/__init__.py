"""Kernel: what every room stands on; standard library only.

Errors, digests, clock, outcomes, findings, catalogues and documents.
"""

from modelwright.kernel.catalogue import Catalogue
from modelwright.kernel.clock import Clock, SteppingClock
from modelwright.kernel.digest import canonical_json, digest_of, digest_of_bytes, digest_of_file, plain, short
from modelwright.kernel.document import (
    Callout,
    Document,
    Facts,
    Figure,
    Heading,
    Listing,
    Table,
    Text,
    page,
)
from modelwright.kernel.errors import ExitCode, Fault, ModelwrightError, nearest
from modelwright.kernel.finding import Finding, Severity
from modelwright.kernel.outcome import Outcome, Status, overall

__all__ = [
    "Callout",
    "Catalogue",
    "Clock",
    "Document",
    "ExitCode",
    "Facts",
    "Fault",
    "Figure",
    "Finding",
    "Heading",
    "Listing",
    "ModelwrightError",
    "Outcome",
    "Severity",
    "Status",
    "SteppingClock",
    "Table",
    "Text",
    "canonical_json",
    "digest_of",
    "digest_of_bytes",
    "digest_of_file",
    "nearest",
    "overall",
    "page",
    "plain",
    "short",
]
