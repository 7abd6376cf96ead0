"""The catalogue of risk checks: code to dotted path; plugins join through `modelwright.risk_checks`."""

from modelwright.kernel.catalogue import Catalogue
from modelwright.risk.check import RiskCheck

__all__ = ["RISK_CHECKS"]

PLACE = "modelwright.risk."

RISK_CHECKS: Catalogue[type[RiskCheck]] = Catalogue(
    "risk_checks",
    {
        "CAPPED-TARGET": PLACE + "capped_target:CappedTargetCheck",
        "CATEGORY-VARIANTS": PLACE + "category_variants:CategoryVariantsCheck",
        "CODED-VALUES": PLACE + "coded_values:CodedValuesCheck",
        "CONSTANT": PLACE + "constant:ConstantCheck",
        "CONTAMINATION": PLACE + "contamination:ContaminationCheck",
        "DUPLICATE": PLACE + "duplicate:DuplicateCheck",
        "EXCLUDED-COLUMN": PLACE + "excluded_column:ExcludedColumnCheck",
        "GROUP-OVERLAP": PLACE + "group_overlap:GroupOverlapCheck",
        "HIGH-CARDINALITY": PLACE + "high_cardinality:HighCardinalityCheck",
        "IDENTIFIER": PLACE + "identifier:IdentifierCheck",
        "IMBALANCE": PLACE + "imbalance:ImbalanceCheck",
        "LEAK-TIMING": PLACE + "leak_timing:LeakTimingCheck",
        "MEMORY": PLACE + "memory:MemoryCheck",
        "MISSING": PLACE + "missing:MissingCheck",
        "MISSING-CODE": PLACE + "missing_code:MissingCodeCheck",
        "NUMBER-AS-TEXT": PLACE + "number_as_text:NumberAsTextCheck",
        "ORDERED-CATEGORY": PLACE + "ordered_category:OrderedCategoryCheck",
        "RARE-CLASS": PLACE + "rare_class:RareClassCheck",
        "REDUNDANT": PLACE + "redundant:RedundantCheck",
        "ROW-NUMBER": PLACE + "row_number:RowNumberCheck",
        "SAMPLE-SIZE": PLACE + "sample_size:SampleSizeCheck",
        "SENSITIVE": PLACE + "sensitive:SensitiveCheck",
        "SHIFT": PLACE + "shift:ShiftCheck",
        "SKEWED-TARGET": PLACE + "skewed_target:SkewedTargetCheck",
        "SPATIAL": PLACE + "spatial:SpatialCheck",
        "TARGET-COPY": PLACE + "target_copy:TargetCopyCheck",
        "TARGET-LABELS": PLACE + "target_labels:TargetLabelsCheck",
        "TARGET-SUM": PLACE + "target_sum:TargetSumCheck",
        "TEMPORAL-ORDER": PLACE + "temporal_order:TemporalOrderCheck",
        "TIME-PROXY": PLACE + "time_proxy:TimeProxyCheck",
        "UNPINNED-SOURCE": PLACE + "unpinned_source:UnpinnedSourceCheck",
        "WEIGHT-LIKE": PLACE + "weight_like:WeightLikeCheck",
    },
)
"""Every risk check by its code."""
