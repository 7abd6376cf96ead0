"""Derivations: of which columns a plan makes each matrix column, and how, for the lineage."""

from typing import Literal

from modelwright.contracts.contract import Contract
from modelwright.contracts.feature import FeatureStep
from modelwright.data.lineage import SNAPSHOT, Ancestor, ColumnLineage
from modelwright.features.derived import DerivedSpec
from modelwright.features.plan import FeaturePlan, FeatureSpec

__all__ = ["derivations"]


def _read(feature: FeatureSpec) -> str:
    if feature.kind == "category":
        how = f"code of {len(feature.categories)} categories" + (", in order" if feature.ordered else "")
    else:
        how = {"number": "number", "boolean": "0 or 1", "date": "part of a date"}[feature.kind]
    guard = feature.guard
    if guard is None:
        return how
    return f"{how}; missing: {guard.missing}, beyond training: {guard.beyond}"


def _made(spec: DerivedSpec) -> str:
    if spec.function:
        return f"function {spec.function} ({spec.source_digest[7:19]})"
    return {
        "one_hot": "one column a category",
        "target_mean": "mean target of the category, out of fold in training",
        "cyclical": "point on the circle of a part of the date",
        "elapsed": "days from the first date to the second",
        "hashed_text": "terms counted in buckets of a hash",
        "tfidf": "term weighed by how rare it is",
    }[spec.kind]


def _step_of(spec: DerivedSpec, contract: Contract) -> FeatureStep | None:
    names = {one.name for one in spec.inputs}
    for step in contract.data.feature_steps:
        if step.make == spec.kind and names <= set(step.columns) and step.name in {"", *spec.outputs}:
            return step
    return None


def derivations(plan: FeaturePlan, contract: Contract) -> tuple[ColumnLineage, ...]:
    """Return of what each matrix column is made, in matrix order, with what was said of it.

    Args:
        plan: How columns become the matrix.
        contract: Holds what was said: why a step should help, and how it could leak.

    Examples:
        >>> derivations.__name__
        'derivations'
    """
    made = [
        ColumnLineage(
            name=name,
            inputs=(Ancestor(source=SNAPSHOT, column=feature.name, relation=_relation(feature)),),
            how=_read(feature),
        )
        for feature in plan.features
        for name in feature.matrix_names
    ]
    for spec in plan.derived:
        step = _step_of(spec, contract)
        inputs = [
            Ancestor(source=SNAPSHOT, column=one.name, relation="transformation") for one in spec.inputs
        ]
        if spec.kind == "target_mean":
            target = contract.prediction.target
            inputs.append(Ancestor(source=SNAPSHOT, column=target, relation="aggregation"))
        made += [
            ColumnLineage(
                name=name,
                inputs=tuple(inputs),
                how=_made(spec),
                why=step.hypothesis if step else "",
                leak=step.leak if step else "",
            )
            for name in spec.outputs
        ]
    return tuple(made)


def _relation(feature: FeatureSpec) -> Literal["identity", "transformation"]:
    return "identity" if feature.kind == "number" and feature.guard is None else "transformation"
