"""Registry: the bundle and its proof, and the versions with their standing."""

from modelwright.registry.answer_path import AnswerPath, Answers, CleanProcess, ServerPath
from modelwright.registry.archive import Limits, read_archive, write_archive
from modelwright.registry.bundle import Bundle, load, pack, pipeline_digest
from modelwright.registry.card import model_card
from modelwright.registry.certificate import Certificate, PathResult, certify, compare
from modelwright.registry.hard_rows import hard_rows, plain_rows
from modelwright.registry.manifest import FileEntry, Manifest
from modelwright.registry.reference import FeatureSketch, ReferenceProfile, bin_of, build_reference
from modelwright.registry.roster import read_roster, write_roster
from modelwright.registry.schema import accepted_columns, request_schema
from modelwright.registry.table import table_of
from modelwright.registry.version import Standing, Version, verdict_now
from modelwright.registry.versions import (
    certified,
    champion,
    promotable,
    promote,
    register,
    retire,
    version_of,
    versions,
)

__all__ = [
    "AnswerPath",
    "Answers",
    "Bundle",
    "Certificate",
    "CleanProcess",
    "FeatureSketch",
    "FileEntry",
    "Limits",
    "Manifest",
    "PathResult",
    "ReferenceProfile",
    "ServerPath",
    "Standing",
    "Version",
    "accepted_columns",
    "bin_of",
    "build_reference",
    "certified",
    "certify",
    "champion",
    "compare",
    "hard_rows",
    "load",
    "model_card",
    "pack",
    "pipeline_digest",
    "plain_rows",
    "promotable",
    "promote",
    "read_archive",
    "read_roster",
    "register",
    "request_schema",
    "retire",
    "table_of",
    "verdict_now",
    "version_of",
    "versions",
    "write_archive",
    "write_roster",
]
