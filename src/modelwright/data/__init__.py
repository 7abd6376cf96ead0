"""Data: sources to a profile, a drafted contract, and a validated, immutable snapshot, split and sealed."""

from modelwright.data.asof import FeatureView, Timeline, join_features
from modelwright.data.association import Association
from modelwright.data.audit import SourceAudit, audit_sources
from modelwright.data.backfill import AS_OF, backfill, moments_between
from modelwright.data.change import Changes, Merged, diff, merge, patch
from modelwright.data.column_profile import ColumnProfile
from modelwright.data.columns import DraftedColumn, Placement, doubtful_zeros, draft_column
from modelwright.data.conform import Conformed, conform, plainly
from modelwright.data.dates import ParsedDates, parse_dates
from modelwright.data.draft import Draft, draft
from modelwright.data.feature_join import FeatureJoin, JoinedRows, lacking_tables
from modelwright.data.feature_reading import (
    TypedTable,
    feature_view,
    joined_columns,
    read_feature_tables,
    read_rows,
)
from modelwright.data.figure import Line, Mark, bars, histogram, line
from modelwright.data.layers import LayerPolicy, Layers, Load, Manifest
from modelwright.data.lineage import SNAPSHOT, Ancestor, ColumnLineage, Lineage, lineage_of
from modelwright.data.lineage_picture import draw
from modelwright.data.openlineage import events_of
from modelwright.data.pii import PiiFinding, detect_pii, mask_text, privacy_class
from modelwright.data.profile import Profile, profile
from modelwright.data.quality import DataQuality, QualityTarget, measure_quality
from modelwright.data.quarantine import Quarantine, Screened, screen
from modelwright.data.question import Question
from modelwright.data.reference import read_references
from modelwright.data.seal import Seal
from modelwright.data.situation import questions
from modelwright.data.snapshot import ROW_ID, Snapshot, part, take
from modelwright.data.source import Reading, read_sources, read_table, read_with_notes, source_digests
from modelwright.data.source_batches import read_batches
from modelwright.data.source_origin import Origin
from modelwright.data.source_port import Delivery, NoConnector, SourceConnector
from modelwright.data.split import PARTS, assign
from modelwright.data.suspicion import suspect_missing_codes, suspect_role
from modelwright.data.validate import validate
from modelwright.data.validation import CheckResult, Validation
from modelwright.data.window import WINDOW_FUNCTIONS, Slices, Window, aggregate

__all__ = [
    "AS_OF",
    "PARTS",
    "ROW_ID",
    "SNAPSHOT",
    "WINDOW_FUNCTIONS",
    "Ancestor",
    "Association",
    "Changes",
    "CheckResult",
    "ColumnLineage",
    "ColumnProfile",
    "Conformed",
    "DataQuality",
    "Delivery",
    "Draft",
    "DraftedColumn",
    "FeatureJoin",
    "FeatureView",
    "JoinedRows",
    "LayerPolicy",
    "Layers",
    "Line",
    "Lineage",
    "Load",
    "Manifest",
    "Mark",
    "Merged",
    "NoConnector",
    "Origin",
    "ParsedDates",
    "PiiFinding",
    "Placement",
    "Profile",
    "QualityTarget",
    "Quarantine",
    "Question",
    "Reading",
    "Screened",
    "Seal",
    "Slices",
    "Snapshot",
    "SourceAudit",
    "SourceConnector",
    "Timeline",
    "TypedTable",
    "Validation",
    "Window",
    "aggregate",
    "assign",
    "audit_sources",
    "backfill",
    "bars",
    "conform",
    "detect_pii",
    "diff",
    "doubtful_zeros",
    "draft",
    "draft_column",
    "draw",
    "events_of",
    "feature_view",
    "histogram",
    "join_features",
    "joined_columns",
    "lacking_tables",
    "line",
    "lineage_of",
    "mask_text",
    "measure_quality",
    "merge",
    "moments_between",
    "parse_dates",
    "part",
    "patch",
    "plainly",
    "privacy_class",
    "profile",
    "questions",
    "read_batches",
    "read_feature_tables",
    "read_references",
    "read_rows",
    "read_sources",
    "read_table",
    "read_with_notes",
    "screen",
    "source_digests",
    "suspect_missing_codes",
    "suspect_role",
    "take",
    "validate",
]
