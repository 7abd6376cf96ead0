"""Data quality: seven targets, measured on a table and judged; what cannot be measured is unknown.

The targets are those teams publish for production data: issues below 0.1 % of records, the contract kept by
99.9 % of deliveries, less than 5 % missing in a critical feature, less than 0.01 % repeated records, a lag
below an hour, every source versioned, every personal value masked. They inform; what stops a run is the
contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import format_duration, parse_duration
from modelwright.data.pii import privacy_class
from modelwright.data.profile import Profile
from modelwright.data.validation import Validation
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.outcome import Outcome, Status, overall

__all__ = ["DataQuality", "QualityTarget", "measure_quality"]

MOST_ISSUES = 0.001
HALT = 0.01
"""Share of records with an issue at which the sources of the targets ask to halt the pipeline."""
LEAST_DELIVERIES = 0.999
MOST_MISSING = 0.05
MOST_REPEATED = 0.0001
LONGEST_LAG = timedelta(hours=1)
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityTarget:
    """One target: what is asked, what was measured, and whether it is met.

    Examples:
        >>> outcome = Outcome(status=Status.PASSED, what="repeated records")
        >>> QualityTarget(name="repeated records", bar="< 0.01 %", measured="0 %", outcome=outcome).bar
        '< 0.01 %'
    """

    name: str
    """What is measured."""
    bar: str
    """What is asked."""
    measured: str
    """What was found; empty when it could not be measured."""
    outcome: Outcome
    """Whether it is met, with evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """The seven targets of data quality, judged.

    Examples:
        >>> DataQuality(targets=(), outcome=overall([], what="data quality")).outcome.status.value
        'unknown'
    """

    targets: tuple[QualityTarget, ...]
    """The targets, in the order of the text above."""
    outcome: Outcome
    """Met when all are."""

    def document(self) -> Document:
        """Render the targets for people."""
        met = sum(target.outcome.allows for target in self.targets)
        table = Table(
            columns=("target", "asked", "measured", "outcome", "because"),
            rows=tuple(
                (
                    target.name,
                    target.bar,
                    target.measured,
                    target.outcome.status.value,
                    "; ".join(target.outcome.evidence),
                )
                for target in self.targets
            ),
            caption="What stops a run is the contract; these targets inform",
        )
        told = f"{met} of {len(self.targets)} targets of data quality are met"
        return Document(
            title="Data quality", blocks=(Callout(tone=self.outcome.status.value, text=told), table)
        )


def _judged(name: str, bar: str, measured: str, *, met: bool | None, told: str, cure: str) -> QualityTarget:
    status = Status.UNKNOWN if met is None else Status.PASSED if met else Status.FAILED
    outcome = Outcome(
        status=status, what=name, evidence=(told,) if told else (), next_step="" if met else cure
    )
    return QualityTarget(name=name, bar=bar, measured=measured, outcome=outcome)


def _issues(validation: Validation) -> QualityTarget:
    rate = validation.issue_rate
    halt = f"; above {HALT:.0%} a pipeline should halt" if rate > HALT else ""
    return _judged(
        "records with an issue",
        "< 0.1 %",
        f"{rate:.3%}" if validation.rows else "",
        met=rate < MOST_ISSUES if validation.rows else None,
        told=f"{validation.rows:,} records looked at{halt}",
        cure="see which checks fail, and mend the source",
    )


def _deliveries(validation: Validation) -> QualityTarget:
    rate = validation.batch_pass_rate
    return _judged(
        "deliveries that keep the contract",
        "> 99.9 %",
        f"{rate:.2%}" if validation.batches else "",
        met=rate > LEAST_DELIVERIES if validation.batches else None,
        told=f"{validation.batches:,} deliver{'y' if validation.batches == 1 else 'ies'} looked at",
        cure="name what tells deliveries apart in data.batch, and mend those that fail",
    )


def _missing(frame: pl.DataFrame, contract: Contract) -> QualityTarget:
    named = contract.monitoring.critical_features
    columns = [name for name in (named or contract.data.features) if name in frame.columns]
    known = bool(columns) and frame.height > 0
    shares = {name: frame[name].null_count() / frame.height for name in columns} if known else {}
    above = sorted((name for name in shares if shares[name] >= MOST_MISSING), key=lambda name: -shares[name])
    worst = max(shares.values(), default=0.0)
    told = ", ".join(f"{name} {shares[name]:.1%}" for name in above[:SHOWN])
    which = "critical features" if named else "features, none being named as critical"
    return _judged(
        "missing in a critical feature",
        "< 5 %",
        f"{worst:.2%}" if known else "",
        met=not above if known else None,
        told=told or f"{len(columns)} {which}",
        cure="mend the source, or name the features that matter in monitoring.critical_features",
    )


def _repeated(frame: pl.DataFrame, contract: Contract) -> QualityTarget:
    key = [name for name in contract.data.primary_key if name in frame.columns]
    whole = len(key) != len(contract.data.primary_key) or not key
    distinct = (frame if whole else frame.select(key)).n_unique() if frame.height else 0
    share = (frame.height - distinct) / frame.height if frame.height else 0.0
    return _judged(
        "repeated records",
        "< 0.01 %",
        f"{share:.3%}" if frame.height else "",
        met=share < MOST_REPEATED if frame.height else None,
        told="equal in every column" if whole else f"equal in {', '.join(key)}",
        cure="write `duplicates: drop`, or mend the load",
    )


def _lag(frame: pl.DataFrame, contract: Contract, at: datetime | None) -> QualityTarget:
    data = contract.data
    allowed = parse_duration(data.freshness) if data.freshness else LONGEST_LAG
    column = data.feature_time or data.event_time
    bar = f"< {format_duration(allowed)}"
    name, cure = (
        "lag of the newest record",
        "say in data.freshness how old records may be, or load more often",
    )
    newest = frame[column].max() if column in frame.columns and frame[column].dtype.is_temporal() else None
    if newest is None or at is None:
        why = (
            "no column says when a record happened" if newest is None else "nobody said when it was looked at"
        )
        return _judged(name, bar, "", met=None, told=why, cure="name data.event_time")
    moment = pl.Series([newest]).cast(pl.Datetime("us")).item()
    age = at.astimezone(UTC).replace(tzinfo=None) - moment
    if age < timedelta(0):
        told = f"{column} reaches {format_duration(-age)} into the future"
        return _judged(
            name, bar, format_duration(-age), met=False, told=told, cure="check clocks and time zones"
        )
    return _judged(name, bar, format_duration(age), met=age < allowed, told=f"by {column}", cure=cure)


def _versioned(contract: Contract, digests: Mapping[str, str] | None) -> QualityTarget:
    count = len(contract.data.sources)
    known = 0 if digests is None else min(sum(bool(value) for value in digests.values()), count)
    return _judged(
        "sources with a version",
        "100 %",
        f"{known / count:.0%}" if digests is not None else "",
        met=known == count if digests is not None else None,
        told=f"{known} of {count} by digest" if digests is not None else "nothing was recorded",
        cure="take a snapshot, which records the digest of every source",
    )


def _masked(contract: Contract, profile: Profile) -> QualityTarget:
    declared = contract.data.columns
    found = {item.name for item in profile.columns if privacy_class(item.personal) == "direct"}
    personal = [
        name
        for name, column in declared.items()
        if column.role != "excluded" and (column.pii == "direct" or name in found)
    ]
    bare = [name for name in personal if not declared[name].keep_out]
    share = 1 - len(bare) / len(personal) if personal else 1.0
    told = f"not kept out: {', '.join(bare[:SHOWN])}" if bare else f"{len(personal)} personal columns"
    cure = "write `keep_out: true` for them, or take them out of the table"
    return _judged("personal columns masked", "100 %", f"{share:.0%}", met=not bare, told=told, cure=cure)


def measure_quality(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    validation: Validation,
    profile: Profile,
    digests: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> DataQuality:
    """Measure the seven targets of data quality on a table, and judge them.

    Args:
        frame: The table that was checked.
        contract: What was agreed.
        validation: What came of the checks.
        profile: What the table holds.
        digests: Version of each source, as the snapshot records them; None when nothing was recorded.
        at: The moment at which the table was looked at.

    Examples:
        >>> measure_quality.__name__
        'measure_quality'
    """
    targets = (
        _issues(validation),
        _deliveries(validation),
        _missing(frame, contract),
        _repeated(frame, contract),
        _lag(frame, contract, at),
        _versioned(contract, digests),
        _masked(contract, profile),
    )
    return DataQuality(
        targets=targets, outcome=overall((target.outcome for target in targets), what="data quality")
    )
