"""Arrays as plain bytes: NumPy's own format, never with pickled objects inside."""

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from modelwright.kernel.errors import BundleRejected

__all__ = ["array_of", "bytes_of"]


def bytes_of(array: npt.NDArray[np.float64]) -> bytes:
    r"""Return an array in the `.npy` format.

    Examples:
        >>> bytes_of(np.zeros(2))[:6]
        b'\x93NUMPY'
    """
    stream = io.BytesIO()
    np.save(stream, np.ascontiguousarray(array, dtype=np.float64), allow_pickle=False)
    return stream.getvalue()


def array_of(
    files: Mapping[str, bytes], name: str, *, shape: tuple[int | None, ...]
) -> npt.NDArray[np.float64]:
    """Return the array of a stored form, its shape checked.

    Args:
        files: File name to bytes.
        name: The file.
        shape: What is expected; None accepts any length.

    Raises:
        BundleRejected: When it is missing, is not a plain array of finite numbers, or has another shape.

    Examples:
        >>> array_of({"a.npy": bytes_of(np.ones(2))}, "a.npy", shape=(2,)).tolist()
        [1.0, 1.0]
    """
    refused = BundleRejected(
        f"{name} is missing or is not the array it must be",
        why="a part of a model does not answer",
        next_step="pack the model again from its run",
        expected=f"finite numbers of shape {shape}",
    )
    if name not in files:
        raise refused
    try:
        array = np.load(io.BytesIO(files[name]), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise refused from error
    fits = array.dtype == np.float64 and len(array.shape) == len(shape)
    if not fits or any(want not in (None, found) for want, found in zip(shape, array.shape, strict=True)):
        raise refused
    if not np.isfinite(array).all():
        raise refused
    return np.asarray(array, dtype=np.float64)
