"""Writing contracts: commented YAML that reads back as the same contract."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.calls import CALLS

from modelwright.contracts.contract import Contract
from modelwright.contracts.reading import parse_contract
from modelwright.contracts.writing import render_contract

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
COLUMN = st.fixed_dictionaries(
    {"type": st.sampled_from(["number", "integer"])},
    optional={
        "unit": TEXT,
        "nulls": st.booleans(),
        "missing_codes": st.lists(TEXT | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
        "range": st.tuples(st.floats(-1e9, 0), st.floats(0, 1e9) | st.none()),
        "replace": st.dictionaries(TEXT, TEXT, max_size=2),
        "categories": st.lists(TEXT, unique=True, min_size=1, max_size=3),
        "available_at": st.sampled_from(["prediction", "after", "unknown"]),
        "reason": TEXT,
    },
)


def test_a_rendered_contract_reads_back_equal():
    """Comments and layout change; what is said does not."""
    contract = parse_contract(CALLS)
    again = parse_contract(render_contract(contract))
    assert again == contract
    assert again.digest == contract.digest
    assert list(again.data.columns) == list(contract.data.columns)


def test_the_first_line_points_editors_to_the_schema():
    """Completion works without any setting."""
    first = render_contract(parse_contract(CALLS)).splitlines()[0]
    assert first == "# yaml-language-server: $schema=.modelwright/contract.schema.json"
    other = render_contract(parse_contract(CALLS), schema="../contract.schema.json")
    assert other.startswith("# yaml-language-server: $schema=../contract.schema.json\n")


def test_every_key_is_explained_and_choices_are_listed():
    """The file is its own manual."""
    text = render_contract(parse_contract(CALLS))
    assert "  # The metric that ranks designs.\n  primary: roc_auc\n" in text
    assert "# How much is done: prototype, production, platform. One of: quick, standard, enterprise." in text
    assert "  # - available_at: When the value is known" in text


def test_notes_stand_above_what_they_are_about():
    """A draft says why it assumed what it wrote."""
    notes = {
        "data.columns.job": "assumed: 'unknown' means missing,\n999 too",
        "evaluation.primary": "classes are imbalanced",
        "data.sources.0": "given on the command line",
    }
    lines = render_contract(parse_contract(CALLS), notes=notes).splitlines()
    job = next(number for number, line in enumerate(lines) if line.startswith("    job:"))
    assert lines[job - 1] == "    # assumed: 'unknown' means missing, 999 too"
    primary = lines.index("  primary: roc_auc")
    assert lines[primary - 1] == "  # classes are imbalanced"
    assert "    # given on the command line" in lines


def test_lines_stay_within_the_width_of_a_screen():
    """Except where a single value is longer."""
    assert max(map(len, render_contract(parse_contract(CALLS)).splitlines())) <= 110


def test_columns_show_only_what_differs():
    """A table of two hundred columns stays readable."""
    lines = render_contract(parse_contract(CALLS)).splitlines()
    assert "    age: {type: integer, role: feature, range: [18, 100]}" in lines


@settings(max_examples=40)
@given(
    columns=st.dictionaries(NAME, COLUMN, max_size=4),
    texts=st.lists(TEXT, max_size=3),
    note=TEXT,
    goal=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    cost=st.floats(0.001, 1e12),
)
def test_whatever_the_values_the_contract_reads_back_equal(columns, texts, note, goal, cost):
    """Quotes, line ends, control characters, words that look like something else."""
    base = parse_contract(CALLS).model_dump(mode="python")
    base["data"]["columns"] |= {f"x{name}": column for name, column in columns.items()}
    base["decision"] |= {"goal": f"Call clients {goal}", "assumptions": texts, "who_cares": [*texts, *texts]}
    base["decision"]["mistakes"] |= {"wrong_no": cost}
    base["decision"]["candidate_signals"] = [{"family": text, "why": note, "leak": text} for text in texts]
    contract = Contract.model_validate(base)
    assert parse_contract(render_contract(contract, notes={"decision.goal": note})) == contract
