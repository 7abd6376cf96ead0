"""Reading contracts: every fault at once, with its line and the nearest name."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.calls import CALLS, spoiled

from modelwright.contracts.reading import check_contract, parse_contract, read_contract
from modelwright.kernel.errors import ContractInvalid, ExitCode, StorageFailed


def faults_of(text):
    """The faults of a text, as printed."""
    with pytest.raises(ContractInvalid) as caught:
        parse_contract(text)
    return [str(fault) for fault in caught.value.faults]


def line_of(text, part):
    """The place a fault in the line with `part` is told at."""
    number = next(number for number, line in enumerate(text.splitlines(), 1) if part in line)
    return f"contract.yaml:{number}:"


def test_a_contract_in_order_is_read_as_it_was_meant():
    """YAML 1.2: yes and no are text, and numbers are numbers."""
    contract = parse_contract(CALLS)
    assert contract.prediction.positive == "yes"
    assert contract.data.columns["y"].categories == ("no", "yes")
    assert contract.data.columns["job"].missing_codes == ("unknown", 999.0)
    assert contract.data.features == ("age", "job")
    assert contract.decision.mistakes.wrong_no == 8.0
    assert check_contract(contract) == ()


def test_a_contract_with_five_faults_reports_all_five():
    """One trip for the person, whatever kinds of fault there are."""
    text = spoiled(
        ("mode: quick", "mode: quik"),
        ("  goal:", "  gaol:"),
        ("target: y", "target: Y"),
        ("primary: roc_auc", "primary: roc_auk"),
        ("wrong_no: 8", "wrong_no: eight"),
    )
    told = faults_of(text)
    assert [fault.split(": ", 1)[0] for fault in told] == [
        f"contract.yaml:{number}" for number in (3, 4, 5, 9, 12, 21, 27)
    ]
    assert "did you mean 'quick'?" in told[0]
    assert "'decision.goal' is missing" in told[1]
    assert "did you mean 'goal'?" in told[2]
    assert "found 'eight'" in told[3]
    assert "did you mean 'y'?" in told[4]
    assert "role target, but the target is 'Y'" in told[5]
    assert "did you mean 'roc_auc'?" in told[6]


def test_the_message_says_why_it_matters_and_counts_the_faults():
    """What the command line prints is the message."""
    with pytest.raises(ContractInvalid) as caught:
        parse_contract(spoiled(("mode: quick", "mode: quik")))
    assert str(caught.value).startswith(
        "contract.yaml is not a valid contract: 1 fault\n  - contract.yaml:3:"
    )
    assert "Why it matters:" in str(caught.value)
    assert caught.value.exit_code is ExitCode.USER_FAULT


SPOILED = {
    "an unknown key": (("  owner: camp", "  onwer: camp"), "onwer: camp", "did you mean 'owner'?"),
    "an unknown key of a column": (("range: [18", "rang: [18"), "rang:", "did you mean 'range'?"),
    "an unknown key far from any": (("mode: quick", "qqq: 1"), "qqq", "use one of: contract, name"),
    "a wrong choice": (("type: text", "type: txt"), "type: txt", "did you mean 'text'?"),
    "a wrong choice in a list": (
        ("primary:", "baselines: [priorr]\n  primary:"),
        "priorr",
        "did you mean 'prior'?",
    ),
    "a list where text is due": (("owner: campaign lead", "owner: [a]"), "owner:", "found a list"),
    "a mapping where text is due": (("owner: campaign lead", "owner: {a: 1}"), "owner:", "found a mapping"),
    "nothing where text is due": (("owner: campaign lead", "owner:"), "owner:", "found nothing"),
    "text where a section is due": (("  split: {policy: stratified}", "  split: x"), "split:", "data.split"),
    "a truth value where text is due": (("positive: yes", "positive: true"), "positive:", "put it in quotes"),
    "a number out of its range": (("policy: stratified", "test: 1.5"), "test:", "less than 1"),
    "a wrong name": (("name: calls", "name: My Calls"), "name: My", "lower case letters"),
    "a wrong pair": (("[18, 100]", "[18]"), "[18]", "range"),
    "a list among codes": (
        ("[unknown, 999]", "[[1]]"),
        "job: {",
        "data.columns.job.missing_codes.0: should be",
    ),
    "a wrong version": (("contract: 1", "contract: 2"), "contract:", "is not one of 1"),
    "a vague goal": (
        ("Call the clients who are likely to subscribe first", "Improve the model!"),
        "goal:",
        "names no behaviour",
    ),
    "costs of nothing": (
        ("wrong_yes: 1, wrong_no: 8", "wrong_yes: 0, wrong_no: 0"),
        "mistakes",
        "no mistake costs",
    ),
    "a target without its role": (("role: target, ", ""), "y: {type", "write `role: target`"),
    "a second target": (("role: context", "role: target"), "phone", "role target, but the target is 'y'"),
    "a moment as target": (("y: {type: category", "y: {type: datetime"), "y: {type", "use category"),
    "no positive class": (("  positive: yes\n", ""), "prediction:", "no positive class"),
    "a positive class that is none": (("positive: yes", "positive: yess"), "positive", "did you mean 'yes'?"),
    "an unknown slice": (("slices: [job]", "slices: [jobb, job]"), "slices", "did you mean 'job'?"),
    "an excluded slice": (
        ("slices: [job]", "slices: [duration, job]"),
        "slices",
        "give the column the role context",
    ),
    "an unknown entity": (
        ("  positive:", "  entity: client\n  positive:"),
        "entity",
        "entity names 'client'",
    ),
    "an unknown key column": (
        ("  split:", "  primary_key: [id]\n  split:"),
        "primary_key",
        "which is not a column",
    ),
    "a temporal split without time": (("policy: stratified", "policy: temporal"), "policy:", "`order: rows`"),
    "a group split without group": (("policy: stratified", "policy: group"), "policy:", "names no group"),
    "nothing left for training": (
        ("policy: stratified", "test: .6, validation: .4"),
        "test:",
        "none for training",
    ),
    "an exclusion without a reason": (
        (", reason: known only after the call", ""),
        "duration",
        "without a reason",
    ),
    "a range of text": (("type: text,", "type: text, range: [0, 1],"), "phone", "has a range"),
    "a range upside down": (("[18, 100]", "[100, 18]"), "age: {", "write [18, 100]"),
    "a category twice": (("categories: [no, yes]", "categories: [no, yes, no]"), "y: {", "lists no twice"),
    "no category at all": (
        ("missing_codes: [unknown, 999]", "categories: []"),
        "job: {",
        "allows no category",
    ),
    "a second weight": (
        (
            "    phone:",
            "    w1: {type: number, role: weight}\n    w2: {type: number, role: weight}\n    phone:",
        ),
        "w2:",
        "a second weight beside 'w1'",
    ),
    "an unknown metric": (("[log_loss]", "[log_los]"), "log_los]", "did you mean 'log_loss'?"),
    "a metric of another task": (("[log_loss]", "[rmse]"), "[rmse]", "use one of: roc_auc"),
    "a gate that is no condition": (("roc_auc >= 0.75", "roc_auc is good"), "is good", "is not of the form"),
    "a gate on an unknown metric": (
        ("roc_auc >= 0.75", "roc_acu >= 0.75"),
        "roc_acu",
        "did you mean 'roc_auc'?",
    ),
    "a gate against nobody": (("< baseline", "< basline"), "basline", "did you mean 'baseline'?"),
    "a latency without unit": (("80ms", "80"), "p95_latency", "such as 80ms"),
    "a share with a unit": (("roc_auc >= 0.75", "roc_auc >= 75ms"), "75ms", "without a unit"),
    "a latency by slice": (("- p95_latency", "- 'slice(job): p95_latency"), "p95_latency", "cannot be read"),
    "a gate on an unlisted slice": (
        ("slice(job)", "slice(phone)"),
        "slice(phone)",
        "add phone to evaluation.slices",
    ),
    "a do-not-ship line that is none": (("calibration_error > 0.1", "bad"), "- bad", "is not of the form"),
    "a wrong duration": (
        ("  split:", "  freshness: 1 day\n  split:"),
        "freshness",
        "'1 day' is not a duration",
    ),
    "a window of no length": (
        ("evaluation:", "monitoring: {window: 0s}\nevaluation:"),
        "window",
        "no length",
    ),
    "personal data in the log": (("[age]", "[phone]"), "logged_fields", "is personal data (direct)"),
    "kept-out data in the log": (("range: [18, 100]", "keep_out: true"), "logged_fields", "is kept out"),
    "a kept-out slice": (("[unknown, 999]", "[unknown], keep_out: true"), "slices:", "kept out of every"),
    "a kept-out weight": (
        ("    phone:", "    w: {type: number, role: weight, keep_out: true}\n    phone:"),
        "w:",
        "role names 'w', whose values are kept out",
    ),
    "a kept-out target": (("[no, yes]}", "[no, yes], keep_out: true}"), "target: y", "target names 'y'"),
    "latencies out of order": (
        ("  privacy:", "  latency: {p95_ms: 300}\n  privacy:"),
        "latency: {",
        "p99_ms 200 is below p95_ms 300",
    ),
    "a constant fallback of nothing": (
        ("  privacy:", "  fallback: {kind: constant}\n  privacy:"),
        "fallback",
        "has no value",
    ),
    "warnings after alerts": (
        ("evaluation:", "monitoring: {psi_warn: 0.3}\nevaluation:"),
        "psi_warn",
        "warn before",
    ),
    "a rollout that stops halfway": (
        ("evaluation:", "rollout: {steps: [{share: 0.5}]}\nevaluation:"),
        "rollout",
        "end with a share of 1",
    ),
    "a rollout that goes back": (
        ("evaluation:", "rollout: {steps: [{share: 0.5}, {share: 0.2}, {share: 1}]}\nevaluation:"),
        "rollout",
        "smaller share",
    ),
    "a rollout without steps": (
        ("evaluation:", "rollout: {steps: []}\nevaluation:"),
        "rollout",
        "has no steps",
    ),
    "a wrong digest": (("csv}", "csv, digest: abc}"), "digest", "is not a digest"),
    "an infinite cost": (("wrong_no: 8", "wrong_no: .inf"), "wrong_no", "not a finite number"),
    "a key twice": (("mode: quick", "mode: quick\nmode: standard"), "mode: standard", "first in line 3"),
    "a tag": (("owner: campaign lead", "owner: !!python/object:os.system x"), "owner", "tag '"),
    "an anchor": (("owner: campaign lead", "owner: &x lead"), "owner", "anchor '&x'"),
}
"""What is spoiled: the change, a part of the line that is named, and a part of the message."""


@pytest.mark.parametrize("what", [name for name in SPOILED if name != "a latency by slice"])
def test_a_fault_is_named_with_its_line_and_its_cure(what):
    """The line is that of the thing to change; the message offers the change."""
    change, line, message = SPOILED[what]
    text = spoiled(change)
    told = [fault for fault in faults_of(text) if message in fault]
    assert len(told) == 1, faults_of(text)
    assert told[0].startswith(line_of(text, line))


def test_a_latency_is_not_judged_by_slice():
    """Latency belongs to the server, not to a kind of row."""
    text = spoiled(("- p95_latency <= 80ms", '- "slice(job): p95_latency <= 80ms"'))
    assert any("is not measured by slice" in fault for fault in faults_of(text))


def test_a_contract_without_gates_is_refused():
    """A measurable line is required before any training."""
    text = CALLS[: CALLS.index("gates:")]
    assert faults_of(text) == [
        "contract.yaml:1: there is no promotion gate; add a line under gates.lines, such as `roc_auc >= 0.75`"
    ]


def test_a_regression_wants_a_number_and_no_positive_class():
    """Rules that depend on the task look at the task."""
    text = spoiled(("task: binary", "task: regression"))
    told = " ".join(faults_of(text))
    assert "a regression task has no positive class" in told
    assert "the target of a regression task has the type category" in told
    assert "'roc_auc' is not a metric of regression tasks" in told


def test_a_contract_made_by_code_is_checked_by_the_same_rules():
    """There is no line; the place is a dotted path."""
    contract = parse_contract(CALLS)
    plan = contract.evaluation.model_copy(update={"primary": "roc_auk"})
    (fault,) = check_contract(contract.model_copy(update={"evaluation": plan}))
    assert fault.where == "evaluation.primary"


def test_a_missing_file_says_what_to_type(tmp_path):
    """The first thing a newcomer meets."""
    with pytest.raises(ContractInvalid, match="modelwright init"):
        read_contract(tmp_path / "contract.yaml")


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
    """A folder is not a file that happens to be empty."""
    with pytest.raises(ContractInvalid, match="is a folder"):
        read_contract(tmp_path)


def test_a_file_that_cannot_be_opened_is_the_world_s_fault(tmp_path):
    """A loop of links stands for a disk that does not give the file out."""
    loop = tmp_path / "contract.yaml"
    loop.symlink_to(loop)
    with pytest.raises(StorageFailed, match="cannot be read"):
        read_contract(loop)


def test_a_file_is_read_with_its_own_name_in_the_messages(tmp_path):
    """Projects may call the file otherwise; a byte order mark is passed over."""
    path = tmp_path / "calls.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + CALLS.encode())
    assert read_contract(path).name == "calls"
    path.write_text(spoiled(("mode: quick", "mode: quik")), encoding="utf-8")
    with pytest.raises(ContractInvalid, match=r"calls\.yaml:3"):
        read_contract(path)


def test_text_in_another_encoding_is_refused_with_the_byte(tmp_path):
    """A guess at the encoding is not an agreement."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(CALLS.replace("campaign lead", "Müller").encode("latin-1"))
    with pytest.raises(ContractInvalid, match=r"contract\.yaml:6: byte .* is 0xfc; save the file as UTF-8"):
        read_contract(path)


def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path):
    """Nobody wrote it by hand."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(b"#" * 10_000_000)
    with pytest.raises(ContractInvalid, match="too large to be a contract"):
        read_contract(path)
    with pytest.raises(ContractInvalid, match="too large"):
        parse_contract("#" * 3_000_000)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

HOSTILE = {
    "nothing": ("", "the file is empty"),
    "only a comment": ("# nothing\n", "the file is empty"),
    "a list": ("- a\n- b\n", "a list where a mapping is due"),
    "a word": ("hello", "a word where a mapping is due"),
    "a billion laughs": (LAUGHS, "anchor '&a'"),
    "brackets without end": ("a: " + "[" * 100_000, "levels deep"),
    "dashes without end": ("- " * 50_000, "levels deep"),
    "questions without end": ("? " * 50_000, "levels deep"),
    "an object to build": ("!!python/object/apply:os.system ['ls']", "tag"),
    "a zero byte": ("a: \x00", "UTF-8"),
    "half a character": ('a: "\\ud800"', "surrogate"),
    "a tab": ("a:\n\tb: 1", "contract.yaml:2:"),
    "an open quote": ('a: "b', "contract.yaml:1:"),
    "a bad escape": ('a: "\\U00110000"', "contract.yaml:1:"),
    "two documents": ("a: 1\n---\nb: 2\n", "a second document"),
    "a list as a key": ("? [a]\n: b\n", "write a name as the key"),
    "a merge key": ("<<: {a: 1}\n", "unknown key '<<'"),
    "a long line": ("a: " + "x " * 100_000, "unknown key 'a'"),
    "many unknown keys": ("".join(f"k{number}: 1\n" for number in range(5_000)), "and more"),
    "an unknown directive": ("%FOO\n---\na: 1\n", "unknown key 'a'"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_quickly(what):
    """Whatever the file holds: one clear error, in seconds on a busy machine, and no object built."""
    text, message = HOSTILE[what]
    start = time.process_time()
    told = " ".join(faults_of(text))
    assert message in told
    assert time.process_time() - start < 20


def test_many_slices_among_many_columns_do_not_keep_us_busy():
    """Looking for the nearest name stops with the faults that are listed."""
    columns = "".join(f"    column_number_{number}: {{type: number}}\n" for number in range(500))
    slices = ", ".join(f"colum_nr_{number}" for number in range(500))
    text = spoiled(("    y: {type", f"{columns}    y: {{type"), ("slices: [job]", f"slices: [{slices}]"))
    start = time.process_time()
    assert len(faults_of(text)) <= 51
    assert time.process_time() - start < 20


@given(st.text(max_size=300))
def test_any_text_is_a_contract_or_a_listed_fault(text):
    """No input ends in anything but a contract or a ContractInvalid with faults."""
    with pytest.raises(ContractInvalid):
        parse_contract(text)


@given(st.integers(0, len(CALLS)), st.text(alphabet="[]{}:,-?!&*#|>'\"%@`\n\t x", max_size=6))
def test_a_slip_of_the_keyboard_never_ends_in_a_crash(place, slip):
    """Characters that mean something to YAML, anywhere in a good contract."""
    with contextlib.suppress(ContractInvalid):
        assert parse_contract(CALLS[:place] + slip + CALLS[place:]).contract == 1


def test_codes_with_leading_zeros_stay_text():
    """007 is a code; 7 is a number that a class may be named after."""
    text = spoiled(("categories: [no, yes]", "categories: [007, yes, 7, 1.5]"))
    assert parse_contract(text).data.columns["y"].categories == ("007", "yes", "7", "1.5")


def test_a_list_that_lacks_an_item_is_named_at_the_list():
    """What is not there has no line of its own."""
    text = spoiled(("range: [18, 100]", "range: []"))
    told = faults_of(text)
    assert all(fault.startswith(line_of(text, "age: {")) for fault in told)
    assert len(told) >= 1


def test_a_target_that_accepts_any_value_accepts_any_positive_class():
    """A target that accepts any value is not checked for its positive class."""
    text = spoiled((", categories: [no, yes]", ""))
    assert parse_contract(text).data.columns["y"].categories is None


def test_a_contract_of_contexts_has_nothing_to_learn_from():
    """At least one column has to be a feature."""
    text = spoiled(
        ("age: {type: integer,", "age: {type: integer, role: context,"), ("job: {", "job: {role: context, ")
    )
    assert any("no column has the role feature" in fault for fault in faults_of(text))
