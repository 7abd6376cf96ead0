"""UNSEEDED: chance without a seed."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["UnseededRule"]

SPLITTERS = frozenset({"train_test_split", "ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"})
"""Functions and classes that always draw."""

FOLDS = frozenset({"KFold", "StratifiedKFold", "StratifiedGroupKFold"})
"""Classes that draw when they shuffle."""

ESTIMATORS = frozenset(
    {
        "RandomForestClassifier",
        "RandomForestRegressor",
        "ExtraTreesClassifier",
        "ExtraTreesRegressor",
        "BaggingClassifier",
        "BaggingRegressor",
        "MLPClassifier",
        "MLPRegressor",
        "SGDClassifier",
        "SGDRegressor",
        "KMeans",
        "MiniBatchKMeans",
        "IsolationForest",
        "RandomizedSearchCV",
        "TSNE",
        "SMOTE",
        "RandomUnderSampler",
        "RandomOverSampler",
    }
)
"""Classes whose result depends on chance by default."""

GLOBAL = ("numpy.random.", "random.")
"""Modules whose functions draw from one generator for the whole process."""

DRAWS = frozenset(
    {
        "rand",
        "randn",
        "randint",
        "random",
        "random_sample",
        "choice",
        "shuffle",
        "permutation",
        "normal",
        "uniform",
        "binomial",
        "poisson",
        "beta",
        "exponential",
        "gamma",
        "standard_normal",
        "sample",
        "choices",
        "gauss",
        "randrange",
    }
)
"""Functions of these modules that draw."""

SEEDERS = frozenset(
    {
        "seed",
        "manual_seed",
        "manual_seed_all",
        "seed_everything",
        "set_seed",
        "set_random_seed",
        "enable_full_determinism",
    }
)
"""Functions that seed everything."""


class UnseededRule:
    """Splits, estimators, global generators and torch training that nobody seeds.

    Examples:
        >>> UnseededRule().category
        'reproducibility'
    """

    code = "UNSEEDED"
    category = "reproducibility"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("ml practice",)
    why = "Two runs give two models, so no number can be checked and no defect reproduced."
    fix = "Pass a seed (`random_state=...`, `default_rng(seed)`, `torch.manual_seed`), and record it."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call, and at most one for torch training."""
        if flow.file.is_test:
            return
        calls = flow.calls
        seeded = any(call.method in SEEDERS for call in calls)
        for call in calls:
            told = _unseeded(call, flow)
            if told and not seeded:
                yield finding(self, flow, call.node, title=f"{told} has no seed", confidence=90)
        if not seeded and flow.uses("torch"):
            step = next(
                (call for call in calls if call.method == "step" and "optim" in ast.unparse(call.node.func)),
                None,
            )
            if step is not None:
                yield finding(
                    self, flow, step.node, title="torch training has no seed", confidence=85,
                    evidence=("no call of torch.manual_seed or of a function that seeds everything",),
                )  # fmt: skip


def _unseeded(call: Call, flow: Flow) -> str:
    last = call.name.rsplit(".", 1)[-1]
    if call.spreads:
        return ""
    known = call.name.startswith(("sklearn.", "imblearn."))
    if known and last in SPLITTERS | ESTIMATORS | FOLDS:
        shuffle = call.keyword("shuffle")
        still = isinstance(shuffle, ast.Constant) and shuffle.value is False
        drawn = isinstance(shuffle, ast.Constant) and shuffle.value is True
        if call.keyword("random_state") is not None or still or (last in FOLDS and not drawn):
            return ""
        return last
    if (
        last == "default_rng"
        and call.name.startswith("numpy")
        and not call.node.args
        and not call.node.keywords
    ):
        return "default_rng"
    if call.name.startswith(GLOBAL) and last in DRAWS:
        return call.name
    if call.method == "sample" and call.name.startswith(".") and flow.uses("pandas"):
        framed = call.keyword("frac") is not None or call.keyword("n") is not None
        return "DataFrame.sample" if framed and call.keyword("random_state") is None else ""
    return ""
