"""Profile, export and import on the command line."""

import json

import pytest

from modelwright.kernel.errors import ExitCode


def test_the_contract_is_exported_to_the_terminal_and_what_is_lost_beside_it(drafted):
    """The text can be piped; the loss cannot be missed."""
    code, out, err = drafted("contract", "export", "--format", "odcs")
    assert (code, out.splitlines()[0]) == (ExitCode.OK, "apiVersion: v3.1.0")
    assert "not said in this format" in err
    assert "gates" in err


def test_an_export_comes_back_unchanged(drafted, tmp_path):
    """And a foreign promise is shown first, written on demand."""
    file = tmp_path / "out.yaml"
    code, out, _ = drafted("contract", "export", "--format", "pandera", "--out", str(file))
    assert (code, str(file) in out.replace("\n", "")) == (ExitCode.OK, True)
    code, out, _ = drafted("contract", "import", str(file))
    assert (code, out) == (ExitCode.OK, "The contract says all of this already.\n")
    suite = tmp_path / "suite.json"
    rows = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 10}}
    odd = {"type": "expect_nothing", "kwargs": {}}
    suite.write_text(json.dumps({"expectations": [rows, odd]}))
    code, out, _ = drafted("contract", "import", str(suite))
    assert code == ExitCode.OK
    assert 'data.checks: nothing -> ["row_count >= 10"]' in out
    assert "? not taken over: expect_nothing" in out
    assert "add --write" in out
    code, out, _ = drafted("contract", "import", str(suite), "--write")
    assert (code, "modelwright check" in out) == (ExitCode.OK, True)
    code, out, _ = drafted("contract", "import", str(suite), "--json")
    assert json.loads(out)["changes"] == []
    assert drafted("check")[0] == ExitCode.OK


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("contract", "export", "--format", "odc"), "odc"),
        (("contract", "import", "gone.yaml"), "there is no gone.yaml"),
        (("profile", "gone.csv"), "there is no"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(drafted, words, told):
    """With the user's exit code."""
    code, _, err = drafted(*words)
    assert code == ExitCode.USER_FAULT
    assert told in err


def test_a_table_is_profiled_to_a_page_or_the_terminal(drafted, tmp_path):
    """No contract is needed."""
    (tmp_path / "a.csv").write_text("age,mail\n" + "".join(f"{n},p{n}@example.org\n" for n in range(40)))
    code, out, _ = drafted("profile", str(tmp_path / "a.csv"))
    assert code == ExitCode.OK
    assert "example.org" not in out
    page = tmp_path / "a.html"
    code, out, _ = drafted("profile", str(tmp_path / "a.csv"), "--html", str(page), "--json")
    assert json.loads(out) == {"page": str(page)}
    assert "e-mail" in page.read_text()
    assert drafted("profile", str(tmp_path / "a.csv"), "--html", str(page))[1] == f"{page}\n"


def test_the_contract_is_exported_as_json_for_programs(drafted):
    """Text and loss in one answer."""
    answer = json.loads(drafted("contract", "export", "--format", "odcs", "--json")[1])
    assert answer["file"] is None
    assert "rollout" in answer["lost"]
