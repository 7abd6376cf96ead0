"""Columns that only together are the target, and labels and parts that a small model looks at."""

from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.contracts.data import SplitPolicy
from modelwright.contracts.gate import parse_gate
from modelwright.contracts.source import Source
from modelwright.kernel.finding import Severity
from modelwright.risk.adversarial import AdversarialCheck
from modelwright.risk.collinear import CollinearCheck
from modelwright.risk.disparate_error import DisparateErrorCheck, error_gap
from modelwright.risk.label_noise import LabelNoiseCheck
from modelwright.risk.missing_pattern import MissingPatternCheck
from modelwright.risk.near_duplicate import NearDuplicateCheck
from modelwright.risk.near_text import NearTextCheck, near_texts
from modelwright.risk.outlier import OutlierCheck, outlying
from modelwright.risk.power import PowerCheck, auc_error, needed
from modelwright.risk.register import assess
from modelwright.risk.sensitive_proxy import SensitiveProxyCheck
from modelwright.risk.small_slice import SmallSliceCheck
from modelwright.risk.target_combination import TargetCombinationCheck, skill
from modelwright.risk.target_pair import TargetPairCheck
from modelwright.risk.unstable_order import UnstableOrderCheck

ROWS = SplitPolicy(policy="temporal", order="rows")
GROWING = {
    "root of a product": lambda a, b: np.sqrt(a * b),
    "logarithm of a ratio": lambda a, b: np.log(a / b),
    "the larger": np.maximum,
    "square of the sum": lambda a, b: (a + b) ** 2,
}


def numbers(rows=600, *, seed=0):
    """Two positive columns and one that has nothing to do with them."""
    return np.random.default_rng(seed).uniform(1, 9, size=(3, rows))


@pytest.mark.parametrize("rule", GROWING)
def test_a_growing_function_of_two_columns_blocks(rule):
    """No plain sum, product or ratio: the rank tells."""
    a, b, c = numbers()
    frame = pl.DataFrame({"a": a, "b": b, "c": c, "y": GROWING[rule](a, b)})
    (risk,) = TargetPairCheck().run(view_of(frame, task="regression"))
    assert set(risk.columns) == {"a", "b"}
    assert risk.finding.severity is Severity.CRITICAL


def test_a_limit_on_two_columns_that_parts_the_classes_blocks():
    """Paid less than was due; with one row in fifty wrong it is a question."""
    a, b, c = numbers()
    wrong = np.random.default_rng(1).random(600) < 0.01
    frame = pl.DataFrame({"paid": a, "due": b, "c": c})
    late = np.where(a < b, "late", "on time")
    (risk,) = TargetPairCheck().run(view_of(frame.with_columns(y=pl.Series(late))))
    assert risk.finding.severity is Severity.CRITICAL
    noisy = np.where((a < b) ^ wrong, "late", "on time")
    (risk,) = TargetPairCheck().run(view_of(frame.with_columns(y=pl.Series(noisy))))
    assert risk.finding.severity is Severity.MEDIUM


def test_two_flags_that_only_together_settle_the_class_block():
    """Either, but not both."""
    chance = np.random.default_rng(2)
    a, b = chance.integers(0, 2, size=(2, 600))
    frame = clean_table().with_columns(
        a=pl.Series(a), b=pl.Series(b), y=pl.Series(np.where(a ^ b, "yes", "no"))
    )
    (risk,) = TargetPairCheck().run(view_of(frame))
    assert risk.columns == ("a", "b")


def test_columns_that_predict_almost_without_error_together_are_a_question():
    """The middle of three columns; no one of them says much."""
    a, b, c = numbers(2_000)
    middle = np.sort([a, b, c], axis=0)[1]
    frame = clean_table(2_000).with_columns(
        a=pl.Series(a), b=pl.Series(b), c=pl.Series(c), y=pl.Series(np.where(middle > 5, "yes", "no"))
    )
    (risk,) = TargetCombinationCheck().run(view_of(frame))
    assert set(risk.columns) == {"a", "b", "c"}
    assert risk.finding.question


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("seed", range(8))
def test_clean_tables_keep_the_new_checks_quiet(task, seed):
    """No finding above low by any check, in twenty-four tables: false alarms cost trust."""
    risks = assess(view_of(clean_table(700, seed=100 + seed, task=task), task=task, seed=seed)).risks
    loud = [risk.id for risk in risks if risk.finding.severity.rank >= Severity.MEDIUM.rank]
    assert [one for one in loud if not one.startswith(("SAMPLE-SIZE", "LEAK-TIMING"))] == []


def test_skill_is_one_scale():
    """Perfect, useless, and nothing to tell."""
    assert skill(np.array([0.0, 1.0, 2.0]), np.eye(3), classes=3) == pytest.approx(1.0, abs=0.01)
    assert skill(np.array([1.0, 1.0]), np.array([[1.0], [1.0]]), classes=0) == 0
    assert skill(np.array([1.0, 3.0]), np.array([[1.0], [3.0]]), classes=0) == 1


def test_rows_with_one_value_changed_are_found_on_both_sides():
    """A tenth of all rows, delivered again with one number corrected."""
    frame = clean_table(2_000)
    again = frame.head(300).with_columns(x3=pl.lit(0.25))
    view = view_of(pl.concat([frame, again]))
    (risk,) = NearDuplicateCheck().run(view)
    assert "x3" in risk.finding.evidence[1]
    assert list(NearDuplicateCheck().run(view_of(frame))) == []


def test_rows_of_few_categories_are_alike_by_chance():
    """Nothing can be told there, and nothing is."""
    chance = np.random.default_rng(3)
    frame = pl.DataFrame({f"k{n}": chance.choice(["a", "b"], 900) for n in range(9)})
    assert (
        list(
            NearDuplicateCheck().run(
                view_of(frame.with_columns(y=pl.Series(chance.choice(["no", "yes"], 900))))
            )
        )
        == []
    )


def messages(rows, seed):
    """Made-up messages of twelve words of four hundred."""
    chance = np.random.default_rng(seed)
    return [
        " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in chance.integers(0, 400, 12))
        for _ in range(rows)
    ]


def test_texts_in_nearly_the_same_words_are_found():
    """A template with another number and one other word."""
    told = messages(600, 4)
    for row in range(0, 600, 2):
        told[row] = told[0].replace(told[0].split()[5], f"number{row}") + f" {row}"
    chance = np.random.default_rng(5)
    frame = pl.DataFrame({"text": told, "y": chance.choice(["ham", "spam"], 600)})
    assert found(NearTextCheck(), view_of(frame))["text"].finding.severity is Severity.HIGH
    frame = frame.with_columns(text=pl.Series(messages(600, 6)))
    assert found(NearTextCheck(), view_of(frame)) == {}
    assert near_texts(pl.Series(["", None], dtype=pl.String), pl.Series(["hello"])) == 0


def test_gaps_that_only_together_tell_the_target_are_found():
    """Both filled in, or neither."""
    chance = np.random.default_rng(7)
    a, b = chance.random((2, 800)) < 0.5
    frame = clean_table(800).with_columns(
        a=pl.Series(np.where(a, np.nan, 1.0)).fill_nan(None),
        b=pl.Series(np.where(b, np.nan, 1.0)).fill_nan(None),
        y=pl.Series(np.where(a ^ b, "yes", "no")),
    )
    (risk,) = MissingPatternCheck().run(view_of(frame))
    assert risk.finding.severity is Severity.HIGH
    independent = frame.with_columns(y=pl.Series(chance.choice(["no", "yes"], 800)))
    assert list(MissingPatternCheck().run(view_of(independent))) == []


def test_parts_that_differ_only_jointly_are_told_apart():
    """Each column looks the same; their relation has turned."""
    chance = np.random.default_rng(8)
    a = chance.normal(size=1_500)
    b = np.where(np.arange(1_500) < 1_200, a, -a) + 0.1 * chance.normal(size=1_500)
    frame = clean_table(1_500).with_columns(a=pl.Series(a), b=pl.Series(b))
    (risk,) = AdversarialCheck().run(view_of(frame, split=ROWS))
    assert {"a", "b"} <= set(risk.columns[:2])
    assert list(AdversarialCheck().run(view_of(frame))) == []


def test_turned_labels_are_found_by_their_rows():
    """Three in a hundred, where the classes are far apart."""
    chance = np.random.default_rng(9)
    x = chance.normal(size=1_500)
    wrong = chance.random(1_500) < 0.03
    y = np.where((x > 0) ^ wrong, "yes", "no")
    frame = pl.DataFrame({"x": x + 0.4 * np.sign(x), "z": chance.normal(size=1_500), "y": y})
    view = view_of(frame)
    (risk,) = LabelNoiseCheck().run(view)
    shown = [int(one) for one in risk.finding.evidence[2].removeprefix("rows to look at: ").split(", ")]
    assert np.mean(wrong[shown]) > 0.8
    hard = np.where(x + chance.normal(size=1_500) > 0, "yes", "no")
    assert list(LabelNoiseCheck().run(view_of(frame.with_columns(y=pl.Series(hard))))) == []


def people(rows=2_000, *, biased=True):
    """Two groups; of one of them the columns say much, of the other little."""
    chance = np.random.default_rng(10)
    group = chance.choice(["female", "male"], rows)
    truth = chance.random(rows) < 0.5
    noise = np.where((group == "female") & biased, 3.0, 0.4)
    return pl.DataFrame(
        {
            "x": truth + noise * chance.normal(size=rows),
            "height": np.where(group == "male", 178, 166) + 6 * chance.normal(size=rows),
            "z": chance.normal(size=rows),
            "sex": group,
            "y": np.where(truth, "yes", "no"),
        }
    )


def test_a_group_that_is_served_worse_is_told():
    """Errors fall on one group; alike in both they are quiet."""
    risk = found(DisparateErrorCheck(), view_of(people()))["sex"]
    assert risk.finding.category == "bias and fairness"
    assert found(DisparateErrorCheck(), view_of(people(biased=False))) == {}
    assert error_gap(np.array(["a"] * 40), np.zeros(40, dtype=bool)) is None
    assert error_gap(np.repeat(["a", "b"], 40), np.zeros(80, dtype=bool)) is None


def test_a_column_that_stands_in_for_an_attribute_is_named():
    """Height tells the sex."""
    assert "height" in found(SensitiveProxyCheck(), view_of(people()))["sex"].columns
    plain = people().drop("height").with_columns(x=pl.lit(1.0) * pl.col("z"))
    assert found(SensitiveProxyCheck(), view_of(plain)) == {}


def test_attributes_that_are_numbers_are_cut_at_their_middle():
    """Age in years."""
    age = np.random.default_rng(11).integers(18, 90, 2_000)
    frame = people().drop("sex").with_columns(age=pl.Series(age), years_worked=pl.Series(age - 18))
    assert "years_worked" in found(SensitiveProxyCheck(), view_of(frame))["age"].columns
    assert found(DisparateErrorCheck(), view_of(frame)) == {}


def test_small_slices_are_counted_in_the_test_part():
    """Six rows of one value are no ground to stand on."""
    frame = people().with_columns(
        sex=pl.when(pl.int_range(2_000) < 20).then(pl.lit("other")).otherwise("sex")
    )
    assert "other" in found(SmallSliceCheck(), view_of(frame))["sex"].finding.evidence[0]
    assert found(SmallSliceCheck(), view_of(people())) == {}


def test_a_sum_of_several_columns_is_collinear():
    """No pair of them is."""
    frame = clean_table().with_columns(total=pl.sum_horizontal("x0", "x1", "x2", "x3"))
    (risk,) = CollinearCheck().run(view_of(frame))
    assert "total" in risk.columns
    assert list(CollinearCheck().run(view_of(clean_table()))) == []


def test_a_slip_of_the_decimal_point_is_an_outlier_and_a_tail_is_none():
    """Heights in centimetres, two of them in tenths of a millimetre."""
    chance = np.random.default_rng(12)
    height = np.append(chance.normal(175, 8, 598), [17_400.0, 17_800.0])
    (risk,) = OutlierCheck().run(view_of(clean_table().with_columns(height=pl.Series(height))))
    assert risk.columns == ("height",)
    for tail in (
        chance.normal(size=5_000),
        chance.lognormal(sigma=2, size=5_000),
        chance.standard_t(4, size=5_000),
    ):
        assert outlying(tail).size == 0
    assert outlying(np.append(np.linspace(-1, 1, 999), -50.0)).tolist() == [-50.0]
    assert outlying(np.append(np.zeros(900), np.arange(100.0))).size == 0


def with_gates(view, *lines):
    """The view under these gates."""
    gates = view.contract.gates.model_copy(update={"lines": lines})
    contract = view.contract.model_copy(update={"gates": gates})
    return type(view)(
        **dict(view.parts),
        contract=contract,
        snapshot=view.snapshot,
        target=view.target,
        raw_rows=view.raw_rows,
    )


def test_a_gate_that_few_rows_cannot_prove_is_told():
    """And not one that is passed easily, nor one that is no share."""
    view = with_gates(
        view_of(clean_table(400)), "roc_auc >= 0.75", "accuracy >= 0.8", "p99 <= 20 ms", "nonsense"
    )
    (risk,) = PowerCheck().run(view)
    assert "accuracy >= 0.8" in risk.finding.title
    easy = with_gates(view_of(clean_table(4_000)), "roc_auc >= 0.6")
    assert list(PowerCheck().run(easy)) == []
    assert list(PowerCheck().run(view_of(clean_table(task="regression"), task="regression"))) == []
    assert needed(parse_gate("recall >= 0.5"), rows=0, positives=0) is None
    assert needed(parse_gate("point recall >= 0.5"), rows=9, positives=9) is None


def test_the_gate_of_an_auc_is_passed_as_often_as_promised():
    """A model that is just as good as needed passes about four times in five."""
    chance = np.random.default_rng(13)
    wanted = needed(parse_gate("roc_auc >= 0.75"), rows=400, positives=100)
    gap = np.sqrt(2) * _normal_quantile(wanted)
    passed = 0
    for _ in range(300):
        high, low = chance.normal(gap, 1, 100), chance.normal(0, 1, 300)
        area = (high[:, None] > low[None, :]).mean()
        passed += area - 1.96 * auc_error(float(area), 100, 300) >= 0.75
    assert 0.7 <= passed / 300 <= 0.92


def _normal_quantile(share):
    """The value below which this share of a normal variable lies."""
    return NormalDist().inv_cdf(share)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"url": "sqlite:///calls.db", "table": "calls"}, True),
        ({"url": "sqlite:///calls.db", "query": "select * from calls"}, True),
        ({"url": "sqlite:///calls.db", "query": "select * from calls ORDER  BY id"}, False),
        ({"path": "calls.csv"}, False),
    ],
)
def test_a_database_without_an_order_is_told(source, told):
    """The place of a row decides its part."""
    view = view_of(clean_table())
    data = view.contract.data.model_copy(update={"sources": (Source(**source),)})
    contract = view.contract.model_copy(update={"data": data})
    asked = type(view)(
        **dict(view.parts), contract=contract, snapshot=view.snapshot, target=view.target, raw_rows=600
    )
    assert bool(list(UnstableOrderCheck().run(asked))) == told
