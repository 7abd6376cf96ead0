"""Features: columns to matrix; one plan, two paths (columnar and single row), proven equal."""

from modelwright.features.cell import CELL_TYPES, CellReader, cell_reader, clean_column
from modelwright.features.derivation import derivations
from modelwright.features.derive import Deriver, deriver_of
from modelwright.features.derived import DerivedSpec, InputSpec
from modelwright.features.distinct import distinct_places
from modelwright.features.expression import express, expression_of, load_function
from modelwright.features.guard import Guard
from modelwright.features.learn import input_of, learn_guard, learn_step
from modelwright.features.memory_store import MemoryFeatureStore
from modelwright.features.online_codec import decode_row, encode_row, key_text, microseconds, moment_at
from modelwright.features.out_of_fold import TargetColumns, target_columns
from modelwright.features.plan import FeaturePlan, FeatureSpec, compile_plan
from modelwright.features.row_promise import BrokenPromise, RowPromises
from modelwright.features.store import (
    Cell,
    EntityKey,
    FeatureStore,
    Lookup,
    Materialisation,
    OnlineFeatures,
    OnlineRow,
    check_equality,
    check_freshness,
    entity_key,
    materialise,
    stored_name,
)
from modelwright.features.target_mean import smoothed_means, target_levels, target_numbers
from modelwright.features.text import document_frequencies, hashed, terms, weighed
from modelwright.features.transform import Matrix, RowEncoder, matrix, vector
from modelwright.features.value import (
    ABSTAIN,
    DATE_PARTS,
    date_part,
    flag_of,
    label_of,
    moment_of,
    number_of,
)

__all__ = [
    "ABSTAIN",
    "CELL_TYPES",
    "DATE_PARTS",
    "BrokenPromise",
    "Cell",
    "CellReader",
    "DerivedSpec",
    "Deriver",
    "EntityKey",
    "FeaturePlan",
    "FeatureSpec",
    "FeatureStore",
    "Guard",
    "InputSpec",
    "Lookup",
    "Materialisation",
    "Matrix",
    "MemoryFeatureStore",
    "OnlineFeatures",
    "OnlineRow",
    "RowEncoder",
    "RowPromises",
    "TargetColumns",
    "cell_reader",
    "check_equality",
    "check_freshness",
    "clean_column",
    "compile_plan",
    "date_part",
    "decode_row",
    "derivations",
    "deriver_of",
    "distinct_places",
    "document_frequencies",
    "encode_row",
    "entity_key",
    "express",
    "expression_of",
    "flag_of",
    "hashed",
    "input_of",
    "key_text",
    "label_of",
    "learn_guard",
    "learn_step",
    "load_function",
    "materialise",
    "matrix",
    "microseconds",
    "moment_at",
    "moment_of",
    "number_of",
    "smoothed_means",
    "stored_name",
    "target_columns",
    "target_levels",
    "target_numbers",
    "terms",
    "vector",
    "weighed",
]
