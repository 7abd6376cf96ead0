"""The tasks there are, by the name the contract uses."""

from modelwright.kernel.catalogue import Catalogue
from modelwright.tasks.task import Task

__all__ = ["TASKS", "task_of"]

TASKS: Catalogue[Task] = Catalogue(
    "tasks",
    {
        "binary": "modelwright.tasks.binary:BINARY",
        "multiclass": "modelwright.tasks.multiclass:MULTICLASS",
        "regression": "modelwright.tasks.regression:REGRESSION",
    },
)
"""Every kind of problem; plugins join through the entry-point group `modelwright.tasks`."""


def task_of(name: str) -> Task:
    """Return the task of this name.

    Raises:
        UnknownName: When there is none; the nearest name is offered.

    Examples:
        >>> task_of("regression").metrics[0]
        'rmse'
    """
    return TASKS.get(name)
