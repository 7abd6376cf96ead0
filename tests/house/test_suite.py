"""The suite itself: nothing is skipped, expected to fail, or replaced behind the back of the code."""

import re

from tests.house.tree import TESTS, imports, place

DODGES = re.compile(r"pytest[.](?:skip|xfail|importorskip|mark[.](?:skip|skipif|xfail))\b")


def test_no_test_is_skipped_or_expected_to_fail():
    """A test that does not run proves nothing and looks as if it did."""
    dodged = [
        f"{place(path)}:{number}"
        for path in TESTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if DODGES.search(line)
    ]
    assert dodged == []


def test_no_test_uses_mocks():
    """A fake implements the port it stands for; a mock agrees with anything."""
    mocked = [
        f"{place(path, node)} {module}"
        for path in TESTS
        for node, module, name in imports(path)
        if module in {"mock", "unittest.mock"} or (module, name) == ("unittest", "mock")
    ]
    assert mocked == []
