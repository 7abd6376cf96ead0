"""Tasks: one file per kind of problem; each knows its target, its outputs and its metrics."""

from modelwright.tasks.binary import BINARY, BinaryTask
from modelwright.tasks.catalogue import TASKS, task_of
from modelwright.tasks.labels import as_labels, looks_positive
from modelwright.tasks.multiclass import MULTICLASS, MulticlassTask
from modelwright.tasks.regression import REGRESSION, RegressionTask
from modelwright.tasks.target import TargetSpec
from modelwright.tasks.task import Task

__all__ = [
    "BINARY",
    "MULTICLASS",
    "REGRESSION",
    "TASKS",
    "BinaryTask",
    "MulticlassTask",
    "RegressionTask",
    "TargetSpec",
    "Task",
    "as_labels",
    "looks_positive",
    "task_of",
]
