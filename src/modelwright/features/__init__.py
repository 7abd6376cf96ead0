"""Features: columns to matrix; one plan, two paths (columnar and single row), proven equal."""

from modelwright.features.plan import FeaturePlan, FeatureSpec, compile_plan
from modelwright.features.transform import Matrix, RowEncoder, matrix, vector
from modelwright.features.value import DATE_PARTS, date_part, flag_of, label_of, moment_of, number_of

__all__ = [
    "DATE_PARTS",
    "FeaturePlan",
    "FeatureSpec",
    "Matrix",
    "RowEncoder",
    "compile_plan",
    "date_part",
    "flag_of",
    "label_of",
    "matrix",
    "moment_of",
    "number_of",
    "vector",
]
