"""Excel workbooks: one sheet as a table, with what a workbook can hide told first."""

import zipfile
from pathlib import Path

import polars as pl

from modelwright.kernel.errors import DataInvalid, MissingExtra, UnknownName

__all__ = ["read_workbook"]

LARGEST_WORKBOOK = 2 << 30
"""Bytes a workbook may unpack to; Excel's own limit of a million rows is far below."""


def _check_size(path: Path) -> None:
    """Refuse a workbook that unpacks to more than memory holds, before it is unpacked."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        size = sum(member.file_size for member in packed.infolist())
    if size > LARGEST_WORKBOOK:
        raise DataInvalid(
            f"{path.name} unpacks to {size / 1e9:.1f} GB",
            why="a workbook is read whole, and this one is made to take all memory or far too large",
            next_step="export the sheet as CSV or Parquet",
            expected=f"{LARGEST_WORKBOOK / 1e9:.1f} GB or less",
        )


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    """Turn numbers without decimals to integers: a workbook knows floats alone."""
    floats = [name for name, dtype in table.schema.items() if dtype == pl.Float64]
    if not floats or not table.height:
        return table
    exact = pl.col(floats).is_null() | (
        (pl.col(floats) == pl.col(floats).round()) & (pl.col(floats).abs() < 2**53)
    )
    whole = table.select(exact.all()).row(0)
    return table.cast({name: pl.Int64() for name, is_whole in zip(floats, whole, strict=True) if is_whole})


def read_workbook(path: Path, *, sheet: str = "") -> tuple[list[str], pl.DataFrame]:
    """Return the header as it is written, and the table, of one sheet.

    Formulas are never computed: a cell holds the value that was saved with it, and is empty when none was.

    Args:
        path: The workbook, `.xlsx`, `.xlsm` or `.xls`.
        sheet: The name of the sheet; empty takes the first.

    Raises:
        MissingExtra: When the extra `excel` is not installed.
        UnknownName: When there is no such sheet.
        DataInvalid: When the workbook cannot be read or unpacks to too much.

    Examples:
        >>> read_workbook.__name__
        'read_workbook'
    """
    try:
        import fastexcel  # the extra `excel`
    except ModuleNotFoundError as error:
        raise MissingExtra.needed("excel", "reading Excel workbooks") from error
    try:
        _check_size(path)
        book = fastexcel.read_excel(path)
        names = book.sheet_names
        if sheet and sheet not in names:
            raise UnknownName.among("sheet", sheet, names, why=f"it is to be read from {path.name}")
        place = names.index(sheet) if sheet else 0
        top = book.load_sheet(place, header_row=None, n_rows=1, dtypes="string").to_polars()
        header = ["" if value is None else str(value) for value in (top.row(0) if top.height else ())]
        table = _whole(book.load_sheet(place, schema_sample_rows=None).to_polars())
    except (fastexcel.FastExcelError, zipfile.BadZipFile, OSError, pl.exceptions.PolarsError) as error:
        first = str(error).strip().splitlines()
        raise DataInvalid(
            f"{path.name} cannot be read as a workbook: {first[0] if first else type(error).__name__}",
            why="a table that is read in part is a wrong table",
            next_step="open it, check that it is not protected by a password, and save it again",
        ) from error
    return header, table
