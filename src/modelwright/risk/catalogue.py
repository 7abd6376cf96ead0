"""The catalogue of risk checks: code to dotted path; plugins join through `modelwright.risk_checks`."""

from modelwright.kernel.catalogue import Catalogue
from modelwright.risk.check import RiskCheck

__all__ = ["RISK_CHECKS"]

PLACE = "modelwright.risk."

RISK_CHECKS: Catalogue[type[RiskCheck]] = Catalogue(
    "risk_checks",
    {
        "ADVERSARIAL": PLACE + "adversarial:AdversarialCheck",
        "CAPPED-TARGET": PLACE + "capped_target:CappedTargetCheck",
        "CATEGORY-VARIANTS": PLACE + "category_variants:CategoryVariantsCheck",
        "CODED-VALUES": PLACE + "coded_values:CodedValuesCheck",
        "COLLINEAR": PLACE + "collinear:CollinearCheck",
        "CONSTANT": PLACE + "constant:ConstantCheck",
        "CONTAMINATION": PLACE + "contamination:ContaminationCheck",
        "DISPARATE-ERROR": PLACE + "disparate_error:DisparateErrorCheck",
        "DUPLICATE": PLACE + "duplicate:DuplicateCheck",
        "EXCLUDED-COLUMN": PLACE + "excluded_column:ExcludedColumnCheck",
        "FUTURE-ROWS": PLACE + "future_rows:FutureRowsCheck",
        "FUTURE-VALUE": PLACE + "future_value:FutureValueCheck",
        "GROUP-OVERLAP": PLACE + "group_overlap:GroupOverlapCheck",
        "HIGH-CARDINALITY": PLACE + "high_cardinality:HighCardinalityCheck",
        "IDENTIFIER": PLACE + "identifier:IdentifierCheck",
        "IMBALANCE": PLACE + "imbalance:ImbalanceCheck",
        "LABEL-DELAY": PLACE + "label_delay:LabelDelayCheck",
        "LABEL-NOISE": PLACE + "label_noise:LabelNoiseCheck",
        "LATER-VERSION": PLACE + "later_version:LaterVersionCheck",
        "LEAK-TIMING": PLACE + "leak_timing:LeakTimingCheck",
        "MEMORY": PLACE + "memory:MemoryCheck",
        "MISSING": PLACE + "missing:MissingCheck",
        "MISSING-CODE": PLACE + "missing_code:MissingCodeCheck",
        "MISSING-PATTERN": PLACE + "missing_pattern:MissingPatternCheck",
        "NEAR-DUPLICATE": PLACE + "near_duplicate:NearDuplicateCheck",
        "NEAR-TEXT": PLACE + "near_text:NearTextCheck",
        "NUMBER-AS-TEXT": PLACE + "number_as_text:NumberAsTextCheck",
        "ORDERED-CATEGORY": PLACE + "ordered_category:OrderedCategoryCheck",
        "OUTLIER": PLACE + "outlier:OutlierCheck",
        "POWER": PLACE + "power:PowerCheck",
        "PREPROCESSED": PLACE + "preprocessed:PreprocessedCheck",
        "RARE-CLASS": PLACE + "rare_class:RareClassCheck",
        "REDUNDANT": PLACE + "redundant:RedundantCheck",
        "ROW-NUMBER": PLACE + "row_number:RowNumberCheck",
        "SAMPLE-SIZE": PLACE + "sample_size:SampleSizeCheck",
        "SCORE-LIKE": PLACE + "score_like:ScoreLikeCheck",
        "SENSITIVE": PLACE + "sensitive:SensitiveCheck",
        "SENSITIVE-PROXY": PLACE + "sensitive_proxy:SensitiveProxyCheck",
        "SHIFT": PLACE + "shift:ShiftCheck",
        "SKEWED-TARGET": PLACE + "skewed_target:SkewedTargetCheck",
        "SMALL-SLICE": PLACE + "small_slice:SmallSliceCheck",
        "SPATIAL": PLACE + "spatial:SpatialCheck",
        "TARGET-COMBINATION": PLACE + "target_combination:TargetCombinationCheck",
        "TARGET-COPY": PLACE + "target_copy:TargetCopyCheck",
        "TARGET-LABELS": PLACE + "target_labels:TargetLabelsCheck",
        "TARGET-PAIR": PLACE + "target_pair:TargetPairCheck",
        "TARGET-SUM": PLACE + "target_sum:TargetSumCheck",
        "TEMPORAL-ORDER": PLACE + "temporal_order:TemporalOrderCheck",
        "TIME-PROXY": PLACE + "time_proxy:TimeProxyCheck",
        "UNPINNED-SOURCE": PLACE + "unpinned_source:UnpinnedSourceCheck",
        "UNSTABLE-ORDER": PLACE + "unstable_order:UnstableOrderCheck",
        "WEIGHT-LIKE": PLACE + "weight_like:WeightLikeCheck",
    },
)
"""Every risk check by its code."""
