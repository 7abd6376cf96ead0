"""OUTSIDE-PIPELINE: a transformer learns from all folds before they are cross-validated."""

from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding
from modelwright.review.transformer import FITS, is_cross_validation, is_transformer

__all__ = ["OutsidePipelineRule"]

SEARCHES = frozenset(
    {"GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "BayesSearchCV"}
)
"""Searches that cross-validate when they are fitted."""


class OutsidePipelineRule:
    """Rows are transformed by something fitted on all of them, then cross-validated or searched over folds.

    Examples:
        >>> OutsidePipelineRule().category
        'leakage'
    """

    code = "OUTSIDE-PIPELINE"
    category = "leakage"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "Every fold is judged with a transformer that has seen its held-out rows; selection and resampling "
        "gain most."
    )
    fix = "Put the transformer and the model into one Pipeline and cross-validate that."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a fit whose result is cross-validated later in the same scope."""
        for scope in flow.scopes:
            judged = [call for call in scope.calls if _rows_judged(call)]
            for call in scope.calls:
                if call.method not in FITS or not is_transformer(call.kind) or not call.targets:
                    continue
                later = next(
                    (one for one in judged if one.line > call.line and set(call.targets) & _rows_judged(one)),
                    None,
                )
                if later is None:
                    continue
                kind = call.kind.rsplit(".", 1)[-1]
                grave = call.method == "fit_resample" or "feature_selection" in call.kind
                yield finding(
                    self,
                    flow,
                    call.node,
                    title=f"{kind} is fitted outside the folds",
                    confidence=94 if grave else 88,
                    severity=Severity.CRITICAL if grave else None,
                    evidence=(
                        f"{', '.join(call.targets)} comes from {kind}.{call.method} over all rows",
                        f"its folds are judged at {flow.file.where(later.node)}",
                    ),
                )


def _rows_judged(call: Call) -> frozenset[str]:
    """The names whose rows a cross-validation divides."""
    if is_cross_validation(call):
        return call.arguments[1] if len(call.arguments) > 1 else frozenset()
    if call.method == "fit" and call.kind.rsplit(".", 1)[-1] in SEARCHES and call.arguments:
        return call.arguments[0]
    return frozenset()
