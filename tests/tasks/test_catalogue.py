"""The catalogue of tasks."""

import pytest

from modelwright.contracts.metric_names import METRIC_NAMES
from modelwright.kernel.errors import UnknownName
from modelwright.tasks.catalogue import TASKS, task_of


@pytest.mark.parametrize("name", TASKS.names())
def test_a_task_is_named_as_the_catalogue_says(name):
    """And its metrics are those a contract may name."""
    task = task_of(name)
    assert task.name == name
    assert task.metrics == METRIC_NAMES[name]


def test_an_unknown_task_is_answered_with_the_nearest():
    """A typing error is put right at once."""
    with pytest.raises(UnknownName, match="did you mean 'regression'"):
        task_of("regresion")
