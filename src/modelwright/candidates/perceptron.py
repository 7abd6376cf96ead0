"""The neural network as it is stored and scored; fitting is in `modelwright.candidates.neural`."""

from collections.abc import Mapping, Sequence

import numpy as np

from modelwright.candidates.arrays import array_of, bytes_of
from modelwright.candidates.encoding import AdditiveLayer
from modelwright.candidates.estimator import Vector
from modelwright.candidates.link import Link
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import BundleRejected
from modelwright.ledger.codec import decode, encode

__all__ = ["PerceptronModel", "load_perceptron"]

LINK = "link.json"

FEW_ROWS = 4
"""Up to so many rows are summed at once."""


def _many(state: Matrix, weights: Matrix, bias: Vector) -> Matrix:
    """Add unit by unit: a product of matrices may order its sums by the number of rows."""
    made = np.repeat(bias[None, :], len(state), axis=0)
    for unit in range(weights.shape[0]):
        made += state[:, unit : unit + 1] * weights[unit]
    return made


def _few(state: Matrix, weights: Matrix, bias: Vector) -> Matrix:
    """Do the same sums in the same order, in two calls; worth the memory for a few rows."""
    units, outputs = weights.shape
    # A second column keeps NumPy from summing along the units in pairs.
    terms = np.zeros((len(state), units + 1, max(outputs, 2)))
    terms[:, 0, :outputs] = bias
    np.multiply(state[:, :, None], weights[None], out=terms[:, 1:, :outputs])
    return np.ascontiguousarray(np.add.reduce(terms, axis=1)[:, :outputs])


class PerceptronModel:
    """A small network: one additive layer, then dense layers with rectifiers between.

    Args:
        first: The layer that reads the columns.
        layers: Weights and bias of the layers after it; the last one gives the sums.
        link: From sums to scores.

    Examples:
        >>> PerceptronModel.format
        'perceptron'
    """

    format = "perceptron"

    def __init__(self, first: AdditiveLayer, *, layers: Sequence[tuple[Matrix, Vector]], link: Link) -> None:
        """Keep the parts."""
        self.first = first
        self.layers = tuple(layers)
        self.link = link

    def predict(self, x: Matrix) -> Matrix:
        """Return scores."""
        state = self.first.forward(x)
        for weights, bias in self.layers:
            np.maximum(state, 0.0, out=state)
            state = _few(state, weights, bias) if len(x) <= FEW_ROWS else _many(state, weights, bias)
        return self.link.scores(state)

    def files(self) -> Mapping[str, bytes]:
        """Return the stored form."""
        stored = {LINK: encode(self.link), **self.first.files()}
        for place, (weights, bias) in enumerate(self.layers, 1):
            stored[f"weights{place}.npy"] = bytes_of(weights)
            stored[f"bias{place}.npy"] = bytes_of(bias)
        return stored

    def importance(self) -> Mapping[str, float]:
        """Return nothing: a network does not tell."""
        return {}


def load_perceptron(files: Mapping[str, bytes]) -> PerceptronModel:
    """Return the model of a stored form.

    Raises:
        BundleRejected: When a part is missing or parts do not fit together.

    Examples:
        >>> load_perceptron({})
        Traceback (most recent call last):
        modelwright.kernel.errors.BundleRejected: the stored network lacks link.json and encoding.json...
    """
    absent = [name for name in (LINK, "encoding.json") if name not in files]
    if absent:
        raise BundleRejected(
            f"the stored network lacks {' and '.join(absent)}",
            why="a part of a model does not answer",
            next_step="pack the model again from its run",
        )
    first = AdditiveLayer.from_files(files)
    layers: list[tuple[Matrix, Vector]] = []
    width = len(first.bias)
    while f"weights{len(layers) + 1}.npy" in files:
        place = len(layers) + 1
        bias = array_of(files, f"bias{place}.npy", shape=(None,))
        layers.append((array_of(files, f"weights{place}.npy", shape=(width, len(bias))), bias))
        width = len(bias)
    return PerceptronModel(first, layers=layers, link=decode(files[LINK], Link))
