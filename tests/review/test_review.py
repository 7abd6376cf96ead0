"""The review over files: collection, notebooks, bad input, reviewers, decisions, the document."""

import json

import pytest

from modelwright.kernel.errors import UserFault
from modelwright.kernel.finding import Finding, Severity
from modelwright.ledger.codec import decode, encode
from modelwright.review.report import ReviewReport, decide, judge
from modelwright.review.review import review
from modelwright.review.source import parse_notebook

PICKLE = "import pickle\nmodel = pickle.load(open('m', 'rb'))\n"


def notebook(*cells):
    """A notebook of code cells, given as (source, execution count)."""
    listed = [{"cell_type": "markdown", "source": ["# Title"]}]
    listed += [{"cell_type": "code", "source": [text], "execution_count": count} for text, count in cells]
    return json.dumps({"cells": listed, "nbformat": 4})


def files(root, **named):
    """Write files below a folder; a double underscore stands for a slash."""
    for name, text in named.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("_nb", ".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_files_are_found_once_and_vendored_ones_left_out(tmp_path):
    """What somebody else wrote is not reviewed."""
    files(tmp_path, a_py=PICKLE, pkg__b_py="x = 1\n", node_modules__c_py=PICKLE, site__d_py="y = 1\n")
    files(tmp_path, env2__e_py=PICKLE)
    (tmp_path / "env2" / "pyvenv.cfg").write_text("", encoding="utf-8")
    report = review([tmp_path, tmp_path / "a.py"], root=tmp_path)
    assert report.files == 3
    assert [finding.where for finding in report.findings] == ["a.py:2"]


def test_links_in_a_circle_end(tmp_path):
    """A folder that holds itself is walked once."""
    files(tmp_path, pkg__a_py="x = 1\n")
    (tmp_path / "pkg" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again.py").symlink_to(tmp_path / "pkg" / "a.py")
    assert review([tmp_path], root=tmp_path).files == 1


def test_paths_outside_the_root_are_shown_whole(tmp_path):
    """Relative names would lie."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    files(outside, a_py=PICKLE)
    assert review([outside], root=inside).findings[0].where == f"{(outside / 'a.py').as_posix()}:2"


def test_a_missing_path_is_a_fault(tmp_path):
    """A review of nothing would look like a clean one."""
    with pytest.raises(UserFault, match="there is nothing at"):
        review([tmp_path / "none"], root=tmp_path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"def broken(:\n", "is not valid Python"),
        (b"\x00\x01\x02", "is binary"),
        ("x = 'é'\n".encode("latin-1"), "is not UTF-8"),
        (b"# coding: klingon\nx = 1\n", "is not UTF-8"),
        (b"x = " + b"(" * 5000 + b")" * 5000, ""),
        (b"x = 1\n" * 400_000, "is too large"),
    ],
)
def test_what_cannot_be_read_becomes_a_note(tmp_path, data, told):
    """The rest of the review goes on."""
    (tmp_path / "bad.py").write_bytes(data)
    files(tmp_path, good_py=PICKLE)
    report = review([tmp_path], root=tmp_path)
    assert any(told in finding.title for finding in report.notes)
    assert [finding.where for finding in report.findings] == ["good.py:2"]
    assert "Not reviewed" in report.document().to_markdown()


def test_a_declared_encoding_is_honoured(tmp_path):
    """PEP 263 files are read as they say."""
    (tmp_path / "old.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\n" + PICKLE.encode())
    assert review([tmp_path], root=tmp_path).findings[0].where == "old.py:4"


def test_an_unreadable_file_becomes_a_note(tmp_path):
    """A link to nothing is listed and told."""
    (tmp_path / "link.py").symlink_to(tmp_path / "gone.py")
    assert "cannot be read" in review([tmp_path], root=tmp_path).notes[0].title


def test_deep_nesting_is_a_note_or_an_answer(tmp_path):
    """Thousands of operators in a row do not end the review."""
    files(tmp_path, deep_py="x = " + "+".join(["a"] * 20_000) + "\n", good_py=PICKLE)
    report = review([tmp_path], root=tmp_path)
    assert [finding.where for finding in report.findings] == ["good.py:2"]


def test_places_in_notebooks_name_the_cell(tmp_path):
    """Markdown cells count, magics are skipped, broken cells are noted and the others reviewed."""
    cells = [
        ("%matplotlib inline\nimport pickle\n!ls\ndf?\n", 1),
        ("%%bash\nrm nothing\n", 2),
        ("def broken(:\n", 3),
        ("%%time\nmodel = pickle.load(file)\n", 4),
    ]
    (tmp_path / "n.ipynb").write_text(notebook(*cells), encoding="utf-8")
    report = review([tmp_path], root=tmp_path)
    assert [finding.where for finding in report.findings] == ["n.ipynb:cell5:2"]
    assert [finding.title for finding in report.notes] == ["n.ipynb:cell4 is not valid Python"]


def test_cells_share_what_they_define(tmp_path):
    """A scaler of one cell, a split of the next."""
    cells = [
        ("from sklearn.preprocessing import StandardScaler\nimport sklearn.model_selection as ms", 1),
        ("X = StandardScaler().fit_transform(X)", 2),
        ("a, b = ms.train_test_split(X, random_state=0)", 3),
    ]
    (tmp_path / "n.ipynb").write_text(notebook(*cells), encoding="utf-8")
    assert [one.code for one in review([tmp_path], root=tmp_path).findings] == ["FIT-BEFORE-SPLIT"]


@pytest.mark.parametrize(
    ("counts", "codes"),
    [((1, 2, 3), []), ((3, 1, 2), ["NOTEBOOK-ORDER"]), ((1, None, 5), ["NOTEBOOK-ORDER"]), ((None,) * 3, [])],
)
def test_cells_run_out_of_order_are_found(tmp_path, counts, codes):
    """Counts that go back, and cells that were skipped."""
    (tmp_path / "n.ipynb").write_text(notebook(*[("x = 1", count) for count in counts]), encoding="utf-8")
    assert [one.code for one in review([tmp_path], root=tmp_path).findings] == codes


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 3}', '{"worksheets": []}'])
def test_what_is_no_notebook_becomes_a_note(text):
    """Truncated JSON and old formats."""
    file, notes = parse_notebook(text, path="n.ipynb")
    assert file is None
    assert len(notes) == 1


def test_odd_cells_are_passed_over():
    """Cells that are no objects, and sources that are one text."""
    text = json.dumps({"cells": [3, {"cell_type": "code", "source": "x = 1"}]})
    file, notes = parse_notebook(text, path="n.ipynb")
    assert notes == ()
    assert len(file.cells) == 1


def found(severity, category="code"):
    """A finding of one severity."""
    return Finding(code="R", title="t", severity=severity, confidence=90, category=category)


@pytest.mark.parametrize(
    ("severity", "category", "verdict", "decision"),
    [
        (Severity.CRITICAL, "code", "BLOCKING", "BLOCK"),
        (Severity.HIGH, "code", "NEEDS FIXES", "BLOCK"),
        (Severity.MEDIUM, "code", "NEEDS FIXES", "APPROVE WITH WARNINGS"),
        (Severity.MEDIUM, "leakage", "NEEDS FIXES", "BLOCK"),
        (Severity.LOW, "leakage", "PASS", "APPROVE"),
    ],
)
def test_verdict_and_decision_follow_their_rules(severity, category, verdict, decision):
    """Critical blocks, high blocks production, medium warns unless it is a leak."""
    assert (judge([found(severity, category)]), decide([found(severity, category)])) == (verdict, decision)


def test_three_reviewers_report_and_agreement_is_noted(tmp_path):
    """A rule of two foci is reported once, with both reviewers."""
    files(tmp_path, a_py=PICKLE + "for index, row in df.iterrows():\n    pass\n")
    report = review([tmp_path], root=tmp_path)
    assert [one.focus for one in report.reviewers] == [
        "code quality",
        "ml practice",
        "performance and scalability",
    ]
    assert report.agreement["UNSAFE-LOAD:a.py:2"] == ("code quality", "ml practice")
    assert [one.reported for one in report.reviewers] == [1, 1, 1]
    assert report.primary_risks == ("scalability", "unsafe serving")


def test_a_clean_file_passes_and_is_praised(tmp_path):
    """A clean review is said plainly."""
    files(
        tmp_path,
        a_py="from sklearn.pipeline import make_pipeline\n"
        "from sklearn.model_selection import GroupKFold, TimeSeriesSplit\n"
        "model = make_pipeline(Scaler(), Forest(random_state=7))\nGroupKFold()\nTimeSeriesSplit()\n",
    )
    report = review([tmp_path], root=tmp_path)
    assert (report.verdict, report.decision) == ("PASS", "APPROVE")
    assert len(report.positives) == 4
    assert "The review is clean" in report.document().to_markdown()


def test_the_report_reads_and_survives_the_disk(tmp_path):
    """Most severe first, in Markdown, and the same after a round trip."""
    files(tmp_path, a_py=PICKLE + "key = 'AKIA" + "IOSFODNN7EXAMPLQ'\n")
    report = review([tmp_path], root=tmp_path)
    text = report.document().to_markdown()
    assert text.index("## Critical") < text.index("## High and below")
    assert "BLOCKING; for production: BLOCK" in text
    assert decode(encode(report), ReviewReport) == report


def test_the_same_files_give_the_same_report(tmp_path):
    """No chance, no clock."""
    files(tmp_path, a_py=PICKLE, b_py="try:\n    f()\nexcept:\n    pass\n")
    assert encode(review([tmp_path], root=tmp_path)) == encode(review([tmp_path], root=tmp_path))


def test_our_own_package_is_reviewed_without_a_blocking_finding(pytestconfig):
    """The reviewer reads its own house."""
    root = pytestconfig.rootpath
    report = review([root / "src" / "modelwright" / "review"], root=root)
    assert report.notes == ()
    assert report.verdict != "BLOCKING"
