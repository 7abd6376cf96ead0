"""The explorer reads syntax, not file names."""

import json
from pathlib import Path

import pytest

from modelwright.roles.explorer import ASPECTS, explore

TRAINING = "training, models and tracking"


def look(folder: Path, aspect: str = TRAINING):
    """Explore every file of a folder."""
    return explore(sorted(folder.rglob("*.*")), root=folder, aspect=aspect)


def test_a_training_file_is_found_by_what_it_calls(tmp_path):
    """The report names the line and the reason."""
    (tmp_path / "odd_name.py").write_text("import x\n\nmodel = x.Model()\nmodel.fit(a, b)\n")
    (tmp_path / "train.py").write_text("print('nothing here')\n")
    report = look(tmp_path)
    assert [key.place for key in report.key_files] == ["odd_name.py:4"]
    assert report.files_read == 2


def test_code_cells_of_a_notebook_are_read(tmp_path):
    """Magics are passed over."""
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", "model.fit(a, b)\n"]}]
    (tmp_path / "study.ipynb").write_text(json.dumps({"cells": cells}))
    assert look(tmp_path).key_files[0].path == "study.ipynb"


def test_at_most_ten_key_files_are_named_busiest_first(tmp_path):
    """A reading list, not a listing."""
    for index in range(14):
        (tmp_path / f"m{index:02d}.py").write_text("model.fit(a)\n" * (index + 1))
    report = look(tmp_path)
    assert len(report.key_files) == 10
    assert report.key_files[0].path == "m13.py"


@pytest.mark.parametrize("text", ["def (", "\x00", "print 'python 2'"])
def test_a_file_that_is_not_python_is_a_concern_not_a_crash(tmp_path, text):
    """It is named with its reason."""
    (tmp_path / "old.py").write_text(text)
    assert "old.py" in look(tmp_path).concerns[0]


def test_a_project_without_code_says_to_start_from_the_contract(tmp_path):
    """An empty answer is an answer."""
    report = look(tmp_path)
    assert "start from the contract" in report.recommendations[0]
    assert "Key files" not in report.document().to_markdown()


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_aspect_finds_what_it_looks_for(tmp_path, aspect):
    """One call of each looked-for name is seen."""
    for name, what in ASPECTS[aspect].items():
        (tmp_path / "code.py").write_text(f"thing.{name}(1)\n")
        assert look(tmp_path, aspect).patterns == (f"{what} (1 times)",)


def test_a_file_that_is_too_large_is_named_and_not_read(tmp_path):
    """Nobody wrote it by hand."""
    (tmp_path / "generated.py").write_text("x = 1\n" * 400_000)
    report = look(tmp_path)
    assert report.concerns == ("generated.py: too large to be written by hand; not read",)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"cells": 5}',
        '{"cells": ["x"]}',
        '{"cells": [{"cell_type": "code"}]}',
        '{"cells": [{"cell_type": "code", "source": 7}]}',
        '{"cells": [{"cell_type": "code", "source": [1, 2]}]}',
        "not json",
    ],
)
def test_a_notebook_of_any_shape_is_read_or_named(tmp_path, text):
    """A notebook that is none is a concern, not a defect of ours."""
    (tmp_path / "study.ipynb").write_text(text)
    report = look(tmp_path)
    assert report.files_read == 1
    assert report.key_files == ()


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    """It went away between listing and reading."""
    gone = tmp_path / "gone.py"
    assert "gone.py" in explore([gone], root=tmp_path, aspect=TRAINING).concerns[0]


def test_calls_of_calls_are_passed_over(tmp_path):
    """Only what has a name can be looked for."""
    (tmp_path / "odd.py").write_text("make()(1)\n(lambda: 0)()\nfit(a)\n")
    assert [key.place for key in look(tmp_path).key_files] == ["odd.py:3"]
    assert "Key files" in look(tmp_path).document().to_markdown()
