"""FIT-BEFORE-SPLIT: a transformer learns from rows that are test rows later."""

import re
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, Scope
from modelwright.review.rule import Focus, finding
from modelwright.review.transformer import FITS, is_split, is_transformer

__all__ = ["FitBeforeSplitRule"]

TARGET = re.compile(r"y|y_\w+|labels?|targets?", re.IGNORECASE)
"""Names of what is predicted: recoding it before the split tells the features nothing."""


class FitBeforeSplitRule:
    """A scaler, encoder, imputer, selector or resampler is fitted on the table that is split afterwards.

    Examples:
        >>> FitBeforeSplitRule().code
        'FIT-BEFORE-SPLIT'
    """

    code = "FIT-BEFORE-SPLIT"
    category = "leakage"
    severity = Severity.CRITICAL
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "What was learned from test rows (means, categories, chosen features, synthetic neighbours) "
        "flatters the score, and production does not have those rows."
    )
    fix = "Split first, then fit on the training rows only; best inside one Pipeline."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a fit whose rows are split later in the same scope."""
        for scope in flow.scopes:
            splits = [call for call in scope.calls if is_split(call) and call.arguments]
            fits = [call for call in scope.calls if call.method in FITS and call.arguments]
            for call in fits:
                if is_transformer(call.kind):
                    yield from self._checked(flow, scope, call, splits)

    def _checked(self, flow: Flow, scope: Scope, call: Call, splits: list[Call]) -> Iterator[Finding]:
        if call.direct[0] and all(TARGET.fullmatch(name) for name in call.direct[0]):
            return
        if any(split.line < call.line and _shares(split, call) for split in splits):
            return
        for split in splits:
            if split.line <= call.line or not _shares(split, call):
                continue
            used = bool(set(call.targets) & split.arguments[0])
            kind = call.kind.rsplit(".", 1)[-1]
            yield finding(
                self,
                flow,
                call.node,
                title=f"{kind} is fitted before the split in {scope.name}",
                confidence=96 if used or call.method == "fit_resample" else 88,
                evidence=(
                    f"{kind}.{call.method} sees {', '.join(sorted(call.direct[0])) or 'the rows'}",
                    f"{split.method} divides the same rows at {flow.file.where(split.node)}",
                ),
            )
            return


def _shares(split: Call, fit: Call) -> bool:
    split_rows = frozenset[str]().union(*split.arguments)
    return bool((split_rows & fit.arguments[0]) or (set(fit.targets) & split_rows))
