"""Arrow arrays seen as NumPy arrays, without copies and without Python objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts one after the other: text `i` is `data[offsets[i]:offsets[i + 1]]`, in UTF-8.

    `missing` marks nulls; `None` says that there are none.
    """

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]
    missing: Mask | None

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.offsets) - 1


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds texts, as characters or as bytes."""
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
    )


def texts_of(array: pa.Array) -> Texts:
    """Return the texts of an array of any text type, or of whole numbers written out."""
    kind = array.type
    if pa.types.is_string_view(kind) or not is_text(kind):
        array = array.cast(pa.string() if not is_text(kind) else pa.large_string())
    elif pa.types.is_binary_view(kind):
        array = array.cast(pa.large_binary())
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    _, offsets, data = array.buffers()
    kept = slice(array.offset, array.offset + len(array) + 1)
    places: npt.NDArray[Any] = np.zeros(1, dtype=np.int64)
    if offsets is not None:
        places = np.frombuffer(offsets, dtype=np.int64 if wide else np.int32)[kept]
    empty = np.zeros(1, dtype=np.uint8)
    return Texts(
        offsets=places.astype(np.int64, copy=False),
        data=empty if not data else np.frombuffer(data, dtype=np.uint8),
        missing=missing_of(array),
    )


def numbers_of(array: pa.Array) -> npt.NDArray[Any]:
    """Return the values of an array of plain numbers or instants; those of nulls are any."""
    width = array.type.bit_width // 8
    kind = array.type.to_pandas_dtype() if pa.types.is_primitive(array.type) else None
    if pa.types.is_temporal(array.type) or kind is None:
        dtype: np.dtype[Any] = np.dtype(f"i{width}")
    else:
        dtype = np.dtype(kind)
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=dtype)
    return np.frombuffer(data, dtype=dtype)[array.offset : array.offset + len(array)]


def missing_of(array: pa.Array) -> Mask | None:
    """Return where an array has nulls, or `None` if it has none."""
    if not array.null_count:
        return None
    return array.is_null().to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
