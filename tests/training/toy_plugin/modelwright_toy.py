"""A plugin as a user would write one: four families, of which one is any good."""

import json

import numpy as np


class Answers:
    """Gives every row the same line of scores."""

    format = "toy"

    def __init__(self, line):
        """Keep the line."""
        self.line = line

    def predict(self, x):
        """Repeat the line."""
        return np.tile(np.array(self.line, dtype=float), (len(x), 1))

    def files(self):
        """The line as JSON; what is no number has no JSON and is written as text."""
        return {"line.json": json.dumps([str(value) for value in self.line]).encode()}

    def importance(self):
        """Nothing is used."""
        return {}


def load(files):
    """The model of a stored form."""
    return Answers([float(value) for value in json.loads(files["line.json"])])


class Mean:
    """The share of each class."""

    def __init__(self, params):
        """Keep the hyper-parameters."""
        self.params = params

    def line(self, y):
        """The shares of two classes."""
        return [1 - float(y.mean()), float(y.mean())]

    def fit(self, x, y, **given):
        """Count."""
        return Answers(self.line(y))


class Raises(Mean):
    """Cannot be fitted."""

    def line(self, y):
        """Fail as code of others fails."""
        return [1 / int(0 * len(y)), 0.0]


class Wide(Mean):
    """Has one column of scores too many."""

    def line(self, y):
        """Three scores for two classes."""
        return [0.2, 0.3, 0.5]


class Nowhere(Mean):
    """Answers with no number."""

    def line(self, y):
        """Undefined."""
        return [float("nan"), 1.0]
