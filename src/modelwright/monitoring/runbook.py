"""Runbooks: what to do at the five failures that are known to come, written before they do."""

from collections.abc import Callable
from dataclasses import dataclass

from modelwright.contracts.contract import Contract
from modelwright.kernel.document import Document, Facts, Heading, Listing, Text
from modelwright.monitoring.alert import UNOWNED
from modelwright.rollout.target import RollbackTarget

__all__ = ["Runbook", "runbooks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """What to do at one kind of failure.

    Examples:
        >>> Runbook(
        ...     key="overload",
        ...     title="Overload",
        ...     owner="lead",
        ...     seen_as=(),
        ...     check=(),
        ...     do=(),
        ...     back="",
        ...     done_when="",
        ... ).document().title
        'Runbook: Overload'
    """

    key: str
    """The name alerts refer to."""
    title: str
    """The failure."""
    owner: str
    """Who answers it."""
    seen_as: tuple[str, ...]
    """Alerts and signs it shows itself by."""
    check: tuple[str, ...]
    """What to look at, in order."""
    do: tuple[str, ...]
    """What to do, in order; the harmless first."""
    back: str
    """How to get back to what worked."""
    done_when: str
    """When it is over."""

    def document(self) -> Document:
        """Render the runbook."""
        return Document(
            title=f"Runbook: {self.title}",
            blocks=(
                Facts(items=(("Owner", self.owner), ("Back to what worked", self.back))),
                Heading(text="Seen as"),
                Listing(items=self.seen_as),
                Heading(text="Check"),
                Listing(items=self.check, ordered=True),
                Heading(text="Do"),
                Listing(items=self.do, ordered=True),
                Text(text=f"Over when: {self.done_when}"),
            ),
        )


def runbooks(contract: Contract, *, fallback_to: RollbackTarget | None = None) -> tuple[Runbook, ...]:
    """Write the runbooks of one model.

    Args:
        contract: Limits, owner and fallback.
        fallback_to: What traffic goes back to; None for a first version, which falls back to the rule.

    Examples:
        >>> runbooks.__name__
        'runbooks'
    """
    owner = contract.monitoring.owner or UNOWNED
    without = contract.decision.fallback or f"the contract's fallback: {contract.prediction.fallback.kind}"
    back = (
        f"modelwright rollout back --to {fallback_to.version} (bundle {fallback_to.bundle_digest}, contract "
        f"{fallback_to.config_digest}, data {fallback_to.data_dependency}; {fallback_to.traffic_switch})"
        if fallback_to
        else f"there is no earlier version; stop the server and use {without}"
    )
    return tuple(write(contract, owner, back) for write in FAILURES)


def _stale_features(contract: Contract, owner: str, back: str) -> Runbook:
    freshness = contract.data.freshness or "not limited in the contract"
    return Runbook(
        key="stale features",
        title="Stale or drifted features",
        owner=owner,
        seen_as=(
            "alerts DRIFT, NULLS, BLIND-FEATURES, PREDICTION-DRIFT",
            f"features older than: {freshness}",
        ),
        check=(
            "modelwright monitor: which columns moved, and since which window",
            "the pipeline that fills these columns: last run, row counts, time stamps",
            "whether quality on late labels has dropped too",
        ),
        do=(
            "fix and refill the source, if values stopped arriving",
            "if the world changed and quality holds: note it, change nothing",
            "if quality dropped: ask for a candidate; it walks the same gates",
        ),
        back=back,
        done_when="a whole window without these alerts",
    )


def _missing_labels(contract: Contract, owner: str, back: str) -> Runbook:
    plan, delay = contract.monitoring, contract.data.label.delay or "not said in the contract"
    return Runbook(
        key="missing labels",
        title="Missing labels",
        owner=owner,
        seen_as=("alerts LABELS, LABELS-UNREADABLE", f"label delay: {delay}"),
        check=(
            "when the last label came, and through which way",
            "request ids of labels against the prediction log",
            "whether a deployment changed the label's spelling",
        ),
        do=(
            "send what is missing again: sending twice does no harm",
            "meanwhile hold every rollout; without labels quality is unknown",
            "watch the distribution of answers and the fallback rate more closely",
        ),
        back=back,
        done_when=f"at least {plan.min_label_share:.0%} of the due labels are there",
    )


def _overload(contract: Contract, owner: str, back: str) -> Runbook:
    latency = contract.prediction.latency
    return Runbook(
        key="overload",
        title="Overload or no traffic",
        owner=owner,
        seen_as=(
            "alerts LATENCY, ERRORS, BLIND",
            f"p95 above {latency.p95_ms:g} ms, p99 above {latency.p99_ms:g} ms",
            "answers with status 503",
        ),
        check=(
            "/metrics: requests, errors and latency by version; /readyz",
            "CPU and memory of the machine, free space where the log lies",
            "who sends more than before, or nothing at all",
        ),
        do=(
            "add servers behind the balancer, or ask the caller to wait as Retry-After says",
            "move bulk work to the batch job",
            f"let the fallback answer after {latency.timeout_ms:g} ms",
        ),
        back=back,
        done_when="latency within the contract for a whole window",
    )


def _schema_drift(_: Contract, owner: str, back: str) -> Runbook:
    return Runbook(
        key="schema drift",
        title="Schema drift",
        owner=owner,
        seen_as=("alerts UNSEEN-VALUES, LABELS-UNREADABLE", "a rise of answers with status 422"),
        check=(
            "which columns and values are new: modelwright monitor",
            "the sender's last change",
            "the contract's categories, ranges and types of these columns",
        ),
        do=(
            "have the sender undo the change, or map it at the source",
            "if it is meant: amend the contract with a reason and train under it",
            "never widen a range to silence an alert",
        ),
        back=back,
        done_when="no unseen values and no rejected requests for a whole window",
    )


def _bad_promotion(_: Contract, owner: str, back: str) -> Runbook:
    return Runbook(
        key="bad promotion",
        title="Bad promotion",
        owner=owner,
        seen_as=("alerts QUALITY, BUDGET, ERRORS soon after a promotion", "a rollout rolled itself back"),
        check=(
            "the ledger: what was promoted, on what evidence, by whom",
            "quality, errors and answers by version",
        ),
        do=(
            "roll back first, understand later: one step, no retraining",
            "turn what went wrong into a regression case for the next gate",
            "register what was mended as a new version",
        ),
        back=back,
        done_when="the version before answers everything and quality is back",
    )


FAILURES: tuple[Callable[[Contract, str, str], Runbook], ...] = (
    _stale_features,
    _missing_labels,
    _overload,
    _schema_drift,
    _bad_promotion,
)
"""The failures that are known to come."""
