"""LightGBM's compiled library, called directly: scoring without importing its Python package.

The Python package pulls scikit-learn and more into the process (about two seconds, hundreds of modules)
and spends 30 us a row on wrapping; the library's C interface does neither. Source: LightGBM C API,
`include/LightGBM/c_api.h` (single-row fast functions since 3.0).
"""

import ctypes
import platform
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from weakref import finalize

import numpy as np

from modelwright.candidates.estimator import Vector
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import BundleRejected, WorldFault

__all__ = ["NativeBooster"]

FLOAT64 = 1
"""C_API_DTYPE_FLOAT64."""
NORMAL = 0
"""C_API_PREDICT_NORMAL: probabilities, or values."""
GAIN = 1
"""C_API_FEATURE_IMPORTANCE_GAIN."""

FEW_ROWS = 4096
"""Up to so many rows one thread is faster than waking others; answers do not depend on it."""


@cache
def _library() -> ctypes.CDLL:
    package = find_spec("lightgbm")
    suffix = {"Darwin": "dylib", "Windows": "dll"}.get(platform.system(), "so")
    roots = [Path(place) for place in (package.submodule_search_locations or ())] if package else []
    places = [root / folder / f"lib_lightgbm.{suffix}" for root in roots for folder in ("lib", "bin", ".")]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise WorldFault(
            "LightGBM's compiled library is not installed",
            why="models of boosted trees are scored by it",
            next_step="reinstall the package lightgbm",
        )
    library = ctypes.CDLL(str(found))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _checked(status: int) -> None:
    if status != 0:
        reason = _library().LGBM_GetLastError().decode("utf-8", errors="replace")
        raise BundleRejected(
            f"LightGBM refused the model or the rows: {reason}",
            why="what the library cannot read cannot be scored",
            next_step="check that the model's bytes are the ones that were stored",
        )


class NativeBooster:
    """A LightGBM model in memory.

    Safe to call from several threads: the library locks, and every call has its own output.

    Args:
        text: The model in LightGBM's text format.

    Raises:
        BundleRejected: When the text is not a model.
        WorldFault: When LightGBM is not installed.

    Examples:
        >>> NativeBooster(b"nonsense")
        Traceback (most recent call last):
        modelwright.kernel.errors.BundleRejected: LightGBM refused the model or the rows: ...
    """

    def __init__(self, text: bytes) -> None:
        """Load the model and prepare the single-row path."""
        # The library ends the process on some malformed texts; the header is the least that must be there.
        if not text.startswith(b"tree\n") or b"end of trees" not in text:
            raise BundleRejected(
                "LightGBM refused the model or the rows: the text is not a model",
                why="a model starts with its header and ends with its last tree",
                next_step="check that the model's bytes are the ones that were stored",
            )
        library = _library()
        self._handle = ctypes.c_void_p()
        rounds = ctypes.c_int()
        _checked(
            library.LGBM_BoosterLoadModelFromString(
                ctypes.c_char_p(text), ctypes.byref(rounds), ctypes.byref(self._handle)
            )
        )
        finalize(self, library.LGBM_BoosterFree, self._handle)
        self.rounds = rounds.value
        classes, features = ctypes.c_int(), ctypes.c_int()
        _checked(library.LGBM_BoosterGetNumClasses(self._handle, ctypes.byref(classes)))
        _checked(library.LGBM_BoosterGetNumFeature(self._handle, ctypes.byref(features)))
        self.outputs = classes.value
        self.features = features.value
        self._fast = ctypes.c_void_p()
        _checked(
            library.LGBM_BoosterPredictForMatSingleRowFastInit(
                self._handle,
                NORMAL,
                0,
                -1,
                FLOAT64,
                ctypes.c_int32(self.features),
                b"num_threads=1 verbosity=-1",
                ctypes.byref(self._fast),
            )
        )
        finalize(self, library.LGBM_FastConfigFree, self._fast)
        self._one = library.LGBM_BoosterPredictForMatSingleRowFast

    def predict(self, x: Matrix) -> Matrix:
        """Return one line per row, one column per output."""
        if x.ndim != 2 or x.shape[1] != self.features:
            raise BundleRejected(
                "the rows do not fit the model",
                why="columns are found by their place",
                next_step="use the plan that was stored with the model",
                found=f"{x.shape}",
                expected=f"(rows, {self.features})",
            )
        rows = np.ascontiguousarray(x, dtype=np.float64)
        made = np.empty((len(rows), self.outputs), dtype=np.float64)
        length = ctypes.c_int64()
        if len(rows) == 1:
            _checked(
                self._one(
                    self._fast,
                    ctypes.c_void_p(rows.ctypes.data),
                    ctypes.byref(length),
                    ctypes.c_void_p(made.ctypes.data),
                )
            )
        elif len(rows):
            threads = b"num_threads=1 verbosity=-1" if len(rows) <= FEW_ROWS else b"verbosity=-1"
            _checked(
                _library().LGBM_BoosterPredictForMat(
                    self._handle,
                    ctypes.c_void_p(rows.ctypes.data),
                    FLOAT64,
                    ctypes.c_int32(len(rows)),
                    ctypes.c_int32(self.features),
                    1,
                    NORMAL,
                    0,
                    -1,
                    threads,
                    ctypes.byref(length),
                    ctypes.c_void_p(made.ctypes.data),
                )
            )
        return made

    def gains(self) -> Vector:
        """Return the gain of each column over all splits."""
        made = np.zeros(self.features, dtype=np.float64)
        _checked(
            _library().LGBM_BoosterFeatureImportance(
                self._handle, -1, GAIN, ctypes.c_void_p(made.ctypes.data)
            )
        )
        return made

    def text(self, rounds: int) -> bytes:
        """Return the model as it was after so many rounds, in LightGBM's text format."""
        length = ctypes.c_int64(1 << 20)
        while True:
            size = length.value
            buffer = ctypes.create_string_buffer(size)
            _checked(
                _library().LGBM_BoosterSaveModelToString(
                    self._handle, 0, rounds, GAIN, ctypes.c_int64(size), ctypes.byref(length), buffer
                )
            )
            if length.value <= size:
                return buffer.value
