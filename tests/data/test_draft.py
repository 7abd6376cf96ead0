"""The draft: a whole contract from a table, asking only what the data cannot tell."""

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.data.tables import calls

from modelwright.contracts.reading import parse_contract
from modelwright.data.draft import draft, questions
from modelwright.data.profile import profile
from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.snapshot import take
from modelwright.data.source import read_table, read_with_notes
from modelwright.data.validate import validate
from modelwright.kernel.errors import DataInvalid, UnknownName, UserFault
from modelwright.ledger.artifacts import ArtifactStore

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
ALWAYS = {"goal", "owner", "action", "success", "wrong_yes", "wrong_no", "serving"}


def drafted(table, target="y", answers=None, **more):
    """A draft, and the contract it reads back as."""
    made = draft(table, name="demo", source=Path("t.parquet"), target=target, answers=answers, **more)
    return made, parse_contract(made.yaml)


def asked(made):
    """Keys of the questions beyond those every model asks."""
    return [question.key for question in made.questions if question.key not in ALWAYS]


def table_of(rows=200, **columns):
    """A table with a number, a category and a yes-or-no target, and these columns beside or instead."""
    chance = random.Random(3)
    plain = {
        "age": [chance.randint(18, 90) for _ in range(rows)],
        "job": [chance.choice(["clerk", "student", "retired"]) for _ in range(rows)],
        "y": [chance.choice(["no", "no", "yes"]) for _ in range(rows)],
    }
    return pl.DataFrame({**plain, **columns})


@pytest.mark.parametrize("name", ["bank_marketing:y", "bike_sharing_hourly:cnt", "letter_recognition:lettr"])
def test_a_draft_of_real_data_can_be_read_validated_and_split(name, tmp_path):
    """Without one answer given."""
    file, _, target = name.partition(":")
    source = Path(f"{file}.parquet")
    made = draft(read_table(EXAMPLES / source), name=file, source=source, target=target)
    contract = parse_contract(made.yaml)
    frame = read_with_notes(contract, root=EXAMPLES).frame
    assert validate(frame, contract).outcome.allows
    snapshot = take(frame, contract, store=ArtifactStore(tmp_path), seal=Seal(bytes(KEY_BYTES)))
    assert sum(snapshot.rows.values()) == frame.height


def test_the_bank_data_is_drafted_with_its_codes_and_one_question_more():
    """999 days and unknown words mean missing; whether rows lie in order of time is for a person to say."""
    made, contract = drafted(read_table(EXAMPLES / "bank_marketing.parquet"))
    columns = contract.data.columns
    assert (contract.prediction.task, contract.prediction.positive) == ("binary", "yes")
    assert columns["pdays"].missing_codes == (999.0,)
    assert columns["job"].missing_codes == ("unknown",)
    assert "unknown" not in (columns["job"].categories or ())
    assert asked(made) == ["row_order"]
    assert "rows may lie in the order of time" in contract.decision.known_risks[0]
    _, by_time = drafted(read_table(EXAMPLES / "bank_marketing.parquet"), answers={"row_order": "yes"})
    assert (by_time.data.split.policy, by_time.data.split.order) == ("temporal", "rows")


def test_the_bike_data_is_split_by_its_date():
    """The row number is no feature, date and hour name a row."""
    made, contract = drafted(read_table(EXAMPLES / "bike_sharing_hourly.parquet"), "cnt")
    assert (contract.data.split.policy, contract.data.split.time) == ("temporal", "dteday")
    assert contract.data.columns["instant"].role == "context"
    assert contract.data.primary_key == ("dteday", "hr")
    assert contract.prediction.task == "regression"
    assert asked(made) == ["time", "zeros"]
    _, other = drafted(
        read_table(EXAMPLES / "bike_sharing_hourly.parquet"), "cnt", {"time": "none", "zeros": "missing"}
    )
    assert other.data.split.policy == "stratified"
    assert other.data.columns["windspeed"].missing_codes == (0.0,)


def test_the_letters_are_26_classes():
    """Sixteen numbers a row: equal rows are hardly chance, and are dropped until somebody says otherwise."""
    made, contract = drafted(read_table(EXAMPLES / "letter_recognition.parquet"), "lettr")
    assert contract.prediction.task == "multiclass"
    assert len(contract.data.columns["lettr"].categories) == 26
    assert asked(made) == ["duplicates"]
    assert contract.data.duplicates == "drop"
    _, other = drafted(read_table(EXAMPLES / "letter_recognition.parquet"), "lettr", {"duplicates": "keep"})
    assert other.data.duplicates == "keep"


def test_rows_that_may_be_equal_by_chance_are_kept():
    """Three values a row say nothing about one event told twice, so nobody is asked."""
    made, contract = drafted(table_of(size=["s", "m", "l", "m"] * 50))
    assert "duplicates" not in asked(made)
    assert contract.data.duplicates == "keep"


def test_spellings_of_one_class_are_asked_about_and_united_in_the_open():
    """Four raw values that look like two: merged by default, as an assumption and in the contract."""
    incomes = ["<=50K", "<=50K", ">50K", "<=50K.", ">50K."] * 40
    made, contract = drafted(table_of(income=incomes).drop("y"), "income")
    question = next(item for item in made.questions if item.key == "target_variants")
    assert "has 4 values that look like 2: '<=50K' / '<=50K.', '>50K' / '>50K.'" in question.text
    assert contract.data.columns["income"].replace == {"<=50K.": "<=50K", ">50K.": ">50K"}
    assert "income: '>50K.' means '>50K'" in made.assumptions
    assert (contract.prediction.task, contract.prediction.positive) == ("binary", ">50K")
    kept, separate = drafted(table_of(income=incomes).drop("y"), "income", {"target_variants": "keep"})
    assert separate.prediction.task == "multiclass"
    assert separate.data.columns["income"].replace == {}
    assert not any("means" in line for line in kept.assumptions)


def test_coded_classes_are_asked_about():
    """1 and 2 do not say which is bad; the rarer one is the default."""
    made, contract = drafted(table_of(y=[1, 1, 2, 1] * 50))
    assert asked(made) == ["positive"]
    assert contract.prediction.positive == "2"
    _, answered = drafted(table_of(y=[1, 1, 2, 1] * 50), answers={"positive": "1"})
    assert answered.prediction.positive == "1"


@pytest.mark.parametrize(
    ("values", "task", "sure"),
    [
        ([0, 1], "binary", True),
        ([True, False], "binary", True),
        (["a", "b", "c"], "multiclass", True),
        ([1, 2, 3], "multiclass", False),
        ([3, 4, 5, 6, 7], "regression", False),
        ([0.5, 1.5, 2.0, 3.0], "regression", True),
        (list(range(100)), "regression", True),
        (["1.5", "2.5", "3.5", "9"], "regression", True),
    ],
)
def test_the_task_follows_from_the_target(values, task, sure):
    """And is asked about where two would make sense."""
    made, contract = drafted(table_of(y=(values * 200)[:200]))
    assert contract.prediction.task == task
    assert ("task" in asked(made)) == (not sure)


@pytest.mark.parametrize(
    ("classes", "positive", "sure"),
    [
        (["good", "bad"], "bad", True),
        (["normal", "attack"], "attack", True),
        (["left", "right"], "right", False),
        ([0, 1], "1", True),
        ([10, 20], "20", False),
    ],
)
def test_the_positive_class_is_told_by_its_name_or_asked_about(classes, positive, sure):
    """Numbers other than 0 and 1 tell nothing."""
    made, contract = drafted(table_of(y=[*classes, classes[0]] * 66 + [classes[0]] * 2))
    assert contract.prediction.positive == positive
    assert ("positive" in asked(made)) == (not sure)


def test_gaps_are_allowed_where_there_are_some():
    """And forbidden where a thousand rows have none."""
    table = table_of(1200, gap=[None, 1.5, 2.5, 4.0] * 300)
    columns = drafted(table)[1].data.columns
    assert columns["gap"].nulls
    assert not columns["age"].nulls
    assert drafted(table_of())[1].data.columns["age"].nulls


def test_grades_become_classes_when_a_person_says_so():
    """The answer overrules the guess, and rare classes are listed as a risk."""
    grades = [5] * 90 + [6] * 100 + [3, 4, 7, 8, 9] * 2
    _, contract = drafted(table_of(y=grades), answers={"task": "multiclass"})
    assert contract.prediction.task == "multiclass"
    assert "rare classes" in contract.decision.known_risks[0]


def test_repeating_groups_stay_together_unless_time_rules():
    """A person in two parts of a split is learnt by heart."""
    people = [row // 4 for row in range(200)]
    made, contract = drafted(table_of(patient_id=people))
    assert (contract.data.split.policy, contract.data.split.group) == ("group", "patient_id")
    assert contract.data.columns["patient_id"].role == "group"
    assert asked(made) == ["group"]
    days = [date(2026, 1, 1) + timedelta(days=row) for row in range(200)]
    _, dated = drafted(table_of(patient_id=people, day=days))
    assert dated.data.split.policy == "temporal"
    assert dated.data.columns["patient_id"].role == "context"
    _, ungrouped = drafted(table_of(patient_id=people), answers={"group": "none"})
    assert ungrouped.data.split.policy == "stratified"


def test_columns_get_types_roles_and_limits_with_reasons():
    """What a careful person would write by hand."""
    table = table_of(
        customer_id=[f"c-{row}" for row in range(200)],
        total=["1.5", " ", "2"] + ["3"] * 197,
        paid=["1", "unknown", "?"] + ["2"] * 197,
        mixed=[str(row) if row % 20 else f"x{row}" for row in range(200)],
        day=["2026-01-01", "2026-01-02"] * 100,
        email=[f"p{row}@example.org" for row in range(200)],
        sex=["f", "m"] * 100,
        fnlwgt=[row * 3 % 17 for row in range(200)],
        origin_split=["train", "test"] * 100,
        same=[1] * 200,
        gain=[float("inf"), -1.0] + [2.0] * 198,
        member=[True, False] * 100,
        delta=[-999, -1, 2, 3] * 50,
    )
    made, contract = drafted(table)
    columns = contract.data.columns
    assert contract.prediction.entity == "customer_id"
    assert contract.data.primary_key == ("customer_id",)
    assert (columns["customer_id"].role, columns["customer_id"].pii) == ("entity", "indirect")
    assert (columns["total"].type, columns["total"].nulls) == ("number", True)
    assert set(columns["paid"].missing_codes) == {"unknown", "?"}
    assert (columns["mixed"].type, columns["mixed"].role) == ("text", "context")
    assert "mixes numbers with 10 distinct texts" in columns["mixed"].reason
    assert columns["day"].type == "datetime"
    assert (columns["email"].pii, columns["email"].keep_out, columns["email"].role) == (
        "direct",
        True,
        "context",
    )
    assert columns["sex"].pii == "sensitive"
    assert columns["fnlwgt"].role == "context"
    assert columns["origin_split"].role == "excluded"
    assert columns["same"].role == "excluded"
    assert (columns["gain"].nulls, columns["gain"].range) == (True, None)
    assert columns["member"].type == "boolean"
    assert columns["age"].range == (0.0, None)
    assert columns["delta"].missing_codes == ()
    assert contract.evaluation.slices[0] == "sex"
    assert "gain: infinite values are read as missing" in made.assumptions


def test_answers_are_written_and_the_rest_is_assumed():
    """Nothing is taken for granted silently."""
    made, contract = drafted(calls(), answers={"owner": "campaign lead", "wrong_no": "8", "serving": "batch"})
    assert contract.decision.owner == "campaign lead"
    assert contract.decision.mistakes.wrong_no == 8.0
    assert contract.prediction.serving == "batch"
    assert any("(goal)" in line for line in made.assumptions)
    assert not any("(owner)" in line for line in made.assumptions)
    assert contract.decision.assumptions == made.assumptions


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        ({"target": "yy"}, UnknownName, "did you mean 'y'"),
        ({"mode": "quik"}, UnknownName, "did you mean 'quick'"),
        ({"answers": {"ownr": "me"}}, UnknownName, "did you mean 'owner'"),
        ({"answers": {"serving": "onlin"}}, UnknownName, "did you mean 'online'"),
        ({"answers": {"wrong_yes": "a lot"}}, UserFault, "the answer to wrong_yes is no cost"),
        ({"answers": {"wrong_yes": "-1"}}, UserFault, "a number, 0 or more"),
        ({"table": calls(10)}, DataInvalid, r"10 rows are too few"),
        ({"table": calls().select("y")}, DataInvalid, "no column beside the target"),
        ({"table": table_of(row_id=[1] * 200)}, DataInvalid, "a column named row_id"),
        ({"table": table_of(y=["no"] * 200)}, DataInvalid, "is 'no' in every row"),
        ({"table": table_of(y=["no", None] * 100)}, DataInvalid, "empty in 100 of 200 rows"),
        (
            {"table": table_of(y=[f"t{row}" for row in range(200)])},
            DataInvalid,
            "neither classes nor numbers",
        ),
        (
            {"table": table_of(y=[date(2026, 1, 1 + row % 20) for row in range(200)])},
            DataInvalid,
            "neither classes",
        ),
        ({"table": table_of(row=list(range(200))).select("row", "y")}, DataInvalid, "can be a feature"),
    ],
)
def test_what_cannot_be_drafted_says_why(call, error, told):
    """With the nearest name or the cure."""
    arguments = {"table": calls(), **call}
    with pytest.raises(error, match=told):
        drafted(arguments.pop("table"), **arguments)


def test_a_name_must_be_usable_as_a_name():
    """It becomes part of files, routes and metrics."""
    with pytest.raises(UserFault, match="cannot be the name of a model"):
        draft(calls(), name="My Model", source=Path("t.csv"), target="y")


def test_questions_can_be_asked_before_drafting():
    """The same ones that the draft lists."""
    table = table_of(y=[1, 2, 1, 1] * 50)
    listed = questions(profile(table, target="y"), table, target="y")
    assert listed == drafted(table)[0].questions
    assert all(question.why and question.default for question in listed)
