"""FIT-ON-TEST: something learns from test rows."""

from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, part_of
from modelwright.review.rule import Focus, finding
from modelwright.review.transformer import FITS, is_transformer

__all__ = ["FitOnTestRule"]


class FitOnTestRule:
    """A `fit` or `fit_transform` is given rows that are named, or were split off, as test rows.

    Examples:
        >>> FitOnTestRule().severity.value
        'critical'
    """

    code = "FIT-ON-TEST"
    category = "leakage"
    severity = Severity.CRITICAL
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "What has learned from the test rows cannot be judged by them; a second fit also shifts the "
        "columns the model was trained on."
    )
    fix = "Fit on the training rows; call only `transform` or `predict` on test rows."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a fit on test rows, alone or mixed with training rows."""
        if flow.file.is_test:
            return
        for scope in flow.scopes:
            parts: dict[str, str] = {}
            for call in scope.calls:
                parts |= _split_parts(call)
                if call.method not in FITS or not call.direct:
                    continue
                yield from self._judged(flow, call, parts)

    def _judged(self, flow: Flow, call: Call, parts: dict[str, str]) -> Iterator[Finding]:
        seen = {parts.get(name) or part_of(name) for name in call.direct[0]}
        if "test" not in seen:
            return
        names = ", ".join(sorted(call.direct[0]))
        kind = call.kind.rsplit(".", 1)[-1]
        if "train" in seen:
            transformer = is_transformer(call.kind)
            yield finding(
                self,
                flow,
                call.node,
                title=f"{kind or 'something'} is fitted on training and test rows together",
                confidence=88 if transformer else 70,
                severity=Severity.HIGH,
                evidence=(f"{call.method} is given {names}",),
            )
            return
        final = call.method == "fit" and call.loops == 0 and not kind and "all" in names
        yield finding(
            self,
            flow,
            call.node,
            title=f"{kind or 'something'} is fitted on test rows",
            confidence=60 if final else 95,
            evidence=(f"{call.method} is given {names}",),
        )


def _split_parts(call: Call) -> dict[str, str]:
    """Names that a train/test split binds: train and test by turns."""
    if call.method != "train_test_split" or len(call.targets) < 2:
        return {}
    found = {}
    for place, name in enumerate(call.targets):
        said = part_of(name)
        found[name] = said or ("test" if place % 2 else "train")
    return found
