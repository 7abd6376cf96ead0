"""Data: sources to a profile, a drafted contract, and a validated, immutable snapshot, split and sealed."""

from modelwright.data.audit import SourceAudit, audit_sources
from modelwright.data.columns import DraftedColumn, Placement, doubtful_zeros, draft_column
from modelwright.data.conform import Conformed, conform, plainly
from modelwright.data.dates import ParsedDates, parse_dates
from modelwright.data.draft import Draft, draft
from modelwright.data.figure import Line, Mark, bars, histogram, line
from modelwright.data.profile import ColumnProfile, Profile, profile
from modelwright.data.question import Question
from modelwright.data.seal import Seal
from modelwright.data.situation import questions
from modelwright.data.snapshot import ROW_ID, Snapshot, part, take
from modelwright.data.source import Reading, read_sources, read_table, read_with_notes, source_digests
from modelwright.data.split import PARTS, assign
from modelwright.data.suspicion import suspect_missing_codes, suspect_role
from modelwright.data.validate import CheckResult, Validation, validate

__all__ = [
    "PARTS",
    "ROW_ID",
    "CheckResult",
    "ColumnProfile",
    "Conformed",
    "Draft",
    "DraftedColumn",
    "Line",
    "Mark",
    "ParsedDates",
    "Placement",
    "Profile",
    "Question",
    "Reading",
    "Seal",
    "Snapshot",
    "SourceAudit",
    "Validation",
    "assign",
    "audit_sources",
    "bars",
    "conform",
    "doubtful_zeros",
    "draft",
    "draft_column",
    "histogram",
    "line",
    "parse_dates",
    "part",
    "plainly",
    "profile",
    "questions",
    "read_sources",
    "read_table",
    "read_with_notes",
    "source_digests",
    "suspect_missing_codes",
    "suspect_role",
    "take",
    "validate",
]
