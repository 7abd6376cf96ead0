"""The drill: it looks like the champion from outside and knows nothing."""

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from modelwright.candidates.catalogue import build
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.features.transform import matrix
from modelwright.rollout.drill import make_drill
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule, Pipeline


def test_a_drill_has_the_champions_form_and_no_knowledge():
    """Same plan, classes and rule; an area under the curve near one half on fresh rows."""
    rng = np.random.default_rng(3)
    rows = pl.DataFrame({"a": rng.normal(size=800)}).with_columns(
        y=pl.when(pl.col("a") + pl.Series(rng.normal(size=800)) > 0)
        .then(pl.lit("yes"))
        .otherwise(pl.lit("no"))
    )
    target = TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.5, 0.5))
    plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
    train, fresh = rows.head(500), rows.tail(300)
    y = (train["y"] == "yes").to_numpy().astype(float)
    model = build(EstimatorSpec(family="linear", name="line")).fit(
        matrix(plan, train), y, plan=plan, target=target
    )
    champion = Pipeline(plan=plan, model=model, target=target, rule=DecisionRule(threshold=0.3))
    drill = make_drill(champion, train, seed=4)
    actual = (fresh["y"] == "yes").to_numpy()
    assert roc_auc_score(actual, champion.scores(fresh)[:, 1]) > 0.75
    assert abs(roc_auc_score(actual, drill.scores(fresh)[:, 1]) - 0.5) < 0.12
    assert drill.rule == champion.rule
    again = make_drill(champion, train, seed=4)
    assert again.files() == drill.files()
