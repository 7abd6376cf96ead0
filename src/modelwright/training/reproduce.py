"""Reproducing: training again from the same inputs and comparing with the record, bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.features.plan import FeaturePlan
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import short
from modelwright.kernel.document import Callout, Document, Facts, Listing
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.tasks.target import TargetSpec
from modelwright.training.progress import Progress
from modelwright.training.run import Environment, Run
from modelwright.training.train import train as train_again

__all__ = ["Reproduction", "reproduce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What came out when a run was done again.

    Examples:
        >>> good = Outcome(status=Status.PASSED, what="the run is reproduced")
        >>> Reproduction(run_id="run-1", outcome=good).differences
        ()
    """

    run_id: str
    """The run that was done again."""
    outcome: Outcome
    """Passed: the same bits. Failed: other bits. Unknown: the inputs were others, so nothing was compared."""
    differences: tuple[str, ...] = ()
    """What differs: predictions, metrics, files."""
    surroundings: tuple[str, ...] = ()
    """What differs around it: packages, Python, commit. No fault by itself; where bits differ, the cause."""

    def document(self) -> Document:
        """Render the comparison."""
        return Document(
            title=f"Reproduction of {self.run_id}",
            blocks=(
                Callout(tone=self.outcome.status.value, text=self.outcome.what),
                Facts(items=(("Evidence", "; ".join(self.outcome.evidence)),)),
                Listing(items=self.differences or ("no difference in predictions, metrics and files",)),
                Listing(items=self.surroundings or ("same packages, Python and commit",)),
            ),
        )


def reproduce(  # noqa: PLR0913 - what a training depends on; all but the run are named at the call
    run: Run,
    *,
    train: pl.DataFrame,
    validation: pl.DataFrame,
    plan: FeaturePlan,
    target: TargetSpec,
    contract: Contract,
    snapshot_digest: str,
    store: ArtifactStore,
    environment: Environment,
    clock: Clock,
    progress: Progress,
) -> Reproduction:
    """Train again by the record's configuration, from scratch, and compare.

    Args:
        run: The record.
        train: The training part of the same snapshot.
        validation: The validation part.
        plan: The feature plan.
        target: What is predicted.
        contract: The contract.
        snapshot_digest: The name of the data.
        store: Where the pipeline's files are put; equal files change nothing there.
        environment: What this runs on.
        clock: The time.
        progress: Where it says how far it is.

    Examples:
        >>> reproduce.__name__
        'reproduce'
    """
    what = f"{run.id} is reproduced"
    others = _differing(
        {"contract": run.contract_digest, "snapshot": run.snapshot_digest, "plan": run.plan_digest},
        {"contract": contract.digest, "snapshot": snapshot_digest, "plan": plan.digest},
    )
    around = _surroundings(run.environment, environment)
    if others:
        outcome = Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=tuple(f"another input: {line}" for line in others),
            next_step="reproduce a run from the inputs it names",
        )
        return Reproduction(run_id=run.id, outcome=outcome, surroundings=around)
    again = train_again(
        run.config,
        train=train,
        validation=validation,
        plan=plan,
        target=target,
        contract=contract,
        snapshot_digest=snapshot_digest,
        store=store,
        environment=environment,
        clock=clock,
        progress=progress,
    )
    differences = (
        *_differing({"predictions": run.oof_digest}, {"predictions": again.oof_digest}),
        *_differing(_told(run), _told(again)),
        *_differing(run.pipeline_files, again.pipeline_files),
    )
    same = f"{len(run.pipeline_files)} files, {len(run.metrics)} metrics and all predictions, bit for bit"
    cure = "install the packages the record names, and use its number of threads"
    outcome = Outcome(
        status=Status.FAILED if differences else Status.PASSED,
        what=what,
        evidence=(f"{len(differences)} differences" if differences else same,),
        next_step=cure if differences else "",
    )
    return Reproduction(run_id=run.id, outcome=outcome, differences=differences, surroundings=around)


def _told(run: Run) -> dict[str, str]:
    made = {f"metric {name}": repr(value) for name, value in run.metrics.items()}
    return made | {f"weight of {name}": repr(share) for name, share in run.member_weights.items()}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        f"{name}: {_shown(before.get(name))} then, {_shown(after.get(name))} now"
        for name in names
        if before.get(name) != after.get(name)
    )


def _shown(value: str | None) -> str:
    return "nothing" if value is None else short(value) if value.startswith("sha256:") else value


def _surroundings(then: Environment, now: Environment) -> tuple[str, ...]:
    around = _differing(
        {"Python": then.python, "platform": then.platform, "commit": then.commit or "none", **then.packages},
        {"Python": now.python, "platform": now.platform, "commit": now.commit or "none", **now.packages},
    )
    changed = [
        f"{when}: the code had changes that are not committed"
        for when, kept in (("then", then), ("now", now))
        if kept.dirty
    ]
    return (*around, *changed)
