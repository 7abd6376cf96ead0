"""The words of a design: its five parts and its lines of the trade-off table, from what was measured."""

from collections.abc import Sequence

from modelwright.candidates.design import Design, DesignName, Probe
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.candidates.measure import LOWER_IS_BETTER
from modelwright.features.plan import FeaturePlan
from modelwright.tasks.target import TargetSpec

__all__ = ["describe"]

SUMMARIES: dict[DesignName, str] = {
    "baseline": "A regularised linear model: fitted in seconds, every coefficient can be read. What "
    "everything else has to be better than.",
    "pragmatic": "One family of boosted trees, its shape chosen in a race on the probe: strong on tables, "
    "small, quick to answer.",
    "frontier": "A weighted average of different trees, a small neural network and the linear model: the "
    "best quality the budget buys, paid for in size and upkeep.",
}

NETWORK = (
    "A small neural network, where a tree for each class in each round would grow large: strong with many "
    "classes, small, quick to answer."
)
"""What a pragmatic design is with many classes."""

FAMILIES = {
    "boosting": "gradient boosted trees (LightGBM)",
    "linear": "ridge or logistic regression on standardised numbers, levels and marks of missing values",
    "neural": "perceptron with two hidden layers of rectifiers",
}

STRATEGIES = {
    "boosting": "boosting grows trees by histogram, learning rate {learning_rate}; the number of rounds is "
    "the one with the lowest mean loss over folds, found with early stopping; leaves, rows per leaf "
    "and squared leaf weights are limited",
    "linear": "Newton, L-BFGS or the closed form to convergence; squared weights are penalised",
    "neural": "Adam in mini-batches; early stopping on a tenth of its own rows; squared weights penalised",
}


def describe(
    name: DesignName,
    members: Sequence[EstimatorSpec],
    probe: Probe,
    *,
    plan: FeaturePlan,
    target: TargetSpec,
    folds: int,
    rows: int,
    notes: tuple[str, ...],
) -> Design:
    """Put a design into words.

    Args:
        name: Which of the three.
        members: Its members.
        probe: What was measured.
        plan: What goes in.
        target: What comes out.
        folds: Folds of the cross-fitting.
        rows: Training rows.
        notes: What happened on the way.

    Examples:
        >>> probe = Probe(seconds=1, rows=100, metric="rmse", value=2.0, latency_ms=0.1, size_bytes=2048)
        >>> spec = TargetSpec(task="regression", name="price")
        >>> describe(
        ...     "baseline",
        ...     (EstimatorSpec(family="linear", name="linear"),),
        ...     probe,
        ...     folds=5,
        ...     rows=500,
        ...     plan=FeaturePlan(features=()),
        ...     target=spec,
        ...     notes=(),
        ... ).performance
        'rmse 2 on the probe (lower is better)'
    """
    families = tuple(dict.fromkeys(member.family for member in members))
    seconds = probe.seconds * folds * rows * (folds - 1) / folds / max(probe.rows, 1)
    effort = f"{max(seconds, 1):.0f} s to train"
    direction = "lower" if probe.metric in LOWER_IS_BETTER or probe.metric == "bias" else "higher"
    value = "undefined" if probe.value is None else f"{probe.value:.4g}"
    return Design(
        name=name,
        summary=NETWORK if name == "pragmatic" and families == ("neural",) else SUMMARIES[name],
        architecture=_architecture(members),
        inputs_outputs=_inputs_outputs(plan, target),
        training_strategy=_strategy(members, families, target, folds=folds),
        inference=f"{probe.latency_ms:.2f} ms for one row in the process (median), {_size(probe.size_bytes)} "
        f"stored, as measured on the probe with all models that are served",
        resources=f"about {max(seconds, 1):.0f} s of training on {rows:,} rows, {folds} folds; CPU only; "
        f"memory for the matrix {rows * len(plan.names) * 8 / 2**20:.0f} MiB",
        members=tuple(members),
        bagging_folds=folds,
        performance=f"{probe.metric} {value} on the probe ({direction} is better)",
        complexity=f"{len(members)} member{'s' if len(members) > 1 else ''}: " + ", ".join(families),
        cost=f"{probe.latency_ms:.2f} ms a row, {_size(probe.size_bytes)}, about {effort}",
        probe=probe,
        notes=notes,
    )


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 1024:.0f} KiB"


def _architecture(members: Sequence[EstimatorSpec]) -> str:
    told = []
    for member in members:
        shape = ", ".join(f"{name} {value}" for name, value in sorted(member.params.items()))
        family = FAMILIES.get(member.family, member.family)
        told.append(f"{member.name}: {family}" + (f" ({shape})" if shape else ""))
    joined = "; ".join(told)
    return joined if len(members) == 1 else f"weighted average of {len(members)} members. {joined}"


def _inputs_outputs(plan: FeaturePlan, target: TargetSpec) -> str:
    kinds: dict[str, int] = {}
    for feature in plan.features:
        kinds[feature.kind] = kinds.get(feature.kind, 0) + 1
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    if target.task == "regression":
        out = f"one value of {target.name} in its own unit"
    else:
        out = f"a probability for each of {len(target.classes)} classes of {target.name}"
    return f"In: {len(plan.features)} columns ({counted}), missing values allowed. Out: {out}."


def _strategy(
    members: Sequence[EstimatorSpec], families: Sequence[str], target: TargetSpec, *, folds: int
) -> str:
    loss = "log loss" if target.classes else "squared error"
    rate = next(
        (member.params["learning_rate"] for member in members if "learning_rate" in member.params), "0.05"
    )
    told = [
        STRATEGIES.get(family, f"{family} as it sets itself up").format(learning_rate=rate)
        for family in families
    ]
    scale = ""
    if any(member.params.get("log_target") for member in members):
        scale = " The target is fitted as log(1 + y), which the probe preferred."
    weights = " Weights are found greedily on out-of-fold predictions." if len(members) > 1 else ""
    return f"Loss: {loss}. Cross-fitted over {folds} folds: " + "; ".join(told) + f".{weights}{scale}"
