"""Rules: each finds its defect with confidence, and stays quiet on the clean twin."""

import pytest
from tests.review.twins import TWINS

from modelwright.review.catalogue import REVIEW_RULES
from modelwright.review.review import review_files
from modelwright.review.rule import FOCI
from modelwright.review.source import parse_python

PAIRS = [(code, place, bad, good) for code, twins in TWINS.items() for place, (bad, good) in enumerate(twins)]


def reviewed(text, *, path="train.py"):
    """The report on one Python text."""
    file, notes = parse_python(text, path=path)
    return review_files([file] if file else [], notes=notes)


@pytest.mark.parametrize(("code", "place", "bad", "good"), PAIRS, ids=[f"{p[0]}-{p[1]}" for p in PAIRS])
def test_a_rule_tells_the_defect_from_its_clean_twin(code, place, bad, good):
    """The defect is reported; the twin raises nothing at all."""
    assert code in {finding.code for finding in reviewed(bad).findings}
    assert [f"{finding.code} {finding.where}" for finding in reviewed(good).findings] == []


def test_every_rule_but_the_notebook_one_has_twins():
    """A rule without a clean twin has an unknown rate of false alarms."""
    assert set(TWINS) == set(REVIEW_RULES.names()) - {"NOTEBOOK-ORDER"}


def test_every_rule_says_why_what_to_do_and_who_runs_it():
    """A finding without a cure is a complaint."""
    for name in REVIEW_RULES.names():
        rule = REVIEW_RULES.get(name)()
        assert rule.code == name
        assert rule.why.endswith(".")
        assert rule.fix.endswith(".")
        assert set(rule.foci) <= set(FOCI)


def test_findings_name_the_file_and_the_line():
    """Every finding can be opened in an editor."""
    report = reviewed("import pickle\n\nmodel = pickle.load(file)\n", path="serve/load.py")
    assert report.findings[0].where == "serve/load.py:3"
    assert report.findings[0].identity == "UNSAFE-LOAD:serve/load.py:3"


def test_a_secret_is_never_shown():
    """The report may be read by more people than the code."""
    text = "hT7#kq2Lw9z"
    report = reviewed(f"password = '{text}'\n")
    assert report.findings
    assert text not in report.document().to_markdown()


def test_what_is_not_sure_is_kept_for_the_audit():
    """Dates alone do not make a time series: confidence below 80 is not reported."""
    report = reviewed(
        "import pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
        "df['day'] = pd.to_datetime(df['day'])\na, b = train_test_split(df, random_state=0)\n"
    )
    assert report.findings == ()
    assert [finding.code for finding in report.audit] == ["SHUFFLED-TIME"]
    assert report.audit[0].confidence < 80


@pytest.mark.parametrize(
    "text",
    [
        """
import torch
def predict(model, x):
    return model(x)
def quiet(model):
    with torch.no_grad():
        model.eval()
""",
        "import torch\ndef validate(model, x):\n    loss = model(x)\n    loss.backward()\n",
        "model.fit(X_train, y_train, validation_data=(X_test, y_test))\n",
        "x['a'] = y['b'].bfill()\n",
    ],
)
def test_doubtful_cases_are_not_reported(text):
    """Each has an innocent reading."""
    assert [finding.code for finding in reviewed(text).findings] == []


def test_tests_may_hold_made_up_secrets_and_unseeded_chance():
    """What is a defect in training code is at home in a test."""
    text = "import numpy as np\npassword = 'hT7#kq2Lw9z'\nx = np.random.rand(3)\nmodel.fit(X_test, y_test)\n"
    assert reviewed(text, path="tests/test_model.py").findings == ()


def test_a_split_in_another_function_is_another_matter():
    """Scopes do not share names."""
    text = (
        "from sklearn.preprocessing import StandardScaler\n"
        "from sklearn.model_selection import train_test_split\n"
        "def scale(X):\n    return StandardScaler().fit_transform(X)\n"
        "def split(X):\n    return train_test_split(X, random_state=0)\n"
    )
    assert reviewed(text).findings == ()


def test_syntax_of_every_kind_is_followed():
    """Match, async, walrus, decorators, nested blocks, star targets: the defect inside is found."""
    text = """
import pickle
class Loader:
    kept = pickle.load(open("a", "rb"))
    async def read(self, *names, **more):
        async with lock as (a, *b):
            async for name in names:
                try:
                    match name:
                        case {"x": y} if (n := len(y)) > 1:
                            self.model = [pickle.loads(one) for one in y]
                        case _:
                            del self.model
                except (ValueError, KeyError) as error:
                    raise RuntimeError from error
                finally:
                    a.x[0]: int = 3
        return lambda q: pickle.load(q)
"""
    assert [finding.where for finding in reviewed(text).findings] == [
        "train.py:4",
        "train.py:11",
        "train.py:18",
    ]


def test_every_rule_has_a_page_that_opens_with_its_code(pytestconfig):
    """The code of a finding names the page that explains it."""
    for name in REVIEW_RULES.names():
        page = pytestconfig.rootpath / "docs" / "review" / f"{name.lower()}.md"
        assert page.read_text(encoding="utf-8").startswith(f"# {name}\n")
