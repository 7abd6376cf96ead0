"""The catalogue of review rules: code to dotted path; plugins join through `modelwright.review_rules`."""

from modelwright.kernel.catalogue import Catalogue
from modelwright.review.rule import ReviewRule

__all__ = ["REVIEW_RULES"]

PLACE = "modelwright.review."

REVIEW_RULES: Catalogue[type[ReviewRule]] = Catalogue(
    "review_rules",
    {
        "DEVICE-FIXED": PLACE + "device_fixed:DeviceFixedRule",
        "FIT-BEFORE-SPLIT": PLACE + "fit_before_split:FitBeforeSplitRule",
        "FIT-ON-TEST": PLACE + "fit_on_test:FitOnTestRule",
        "GROW-IN-LOOP": PLACE + "grow_in_loop:GrowInLoopRule",
        "LONG-FUNCTION": PLACE + "long_function:LongFunctionRule",
        "LOOKAHEAD": PLACE + "lookahead:LookaheadRule",
        "MACHINE-PATH": PLACE + "machine_path:MachinePathRule",
        "MUTABLE-DEFAULT": PLACE + "mutable_default:MutableDefaultRule",
        "NO-EVAL-MODE": PLACE + "no_eval_mode:NoEvalModeRule",
        "NO-GRAD": PLACE + "no_grad:NoGradRule",
        "NOTEBOOK-ORDER": PLACE + "notebook_order:NotebookOrderRule",
        "OUTSIDE-PIPELINE": PLACE + "outside_pipeline:OutsidePipelineRule",
        "PII-IN-LOGS": PLACE + "pii_in_logs:PiiInLogsRule",
        "PREDICT-IN-LOOP": PLACE + "predict_in_loop:PredictInLoopRule",
        "ROW-LOOP": PLACE + "row_loop:RowLoopRule",
        "SECRET": PLACE + "secret:SecretRule",
        "SHUFFLED-TIME": PLACE + "shuffled_time:ShuffledTimeRule",
        "SWALLOWED-EXCEPTION": PLACE + "swallowed_exception:SwallowedExceptionRule",
        "TARGET-IN-FEATURES": PLACE + "target_in_features:TargetInFeaturesRule",
        "TUNED-ON-TEST": PLACE + "tuned_on_test:TunedOnTestRule",
        "UNSAFE-LOAD": PLACE + "unsafe_load:UnsafeLoadRule",
        "UNSEEDED": PLACE + "unseeded:UnseededRule",
    },
)
"""Every review rule by its code."""
