"""All programmes for many firms, from a Parquet file to a Parquet file, block by block.

Answers stand in the file as anybody would write them: yes and no, text of codes, numbers, dates, lists
of amounts; of a choice of several the codes with commas. What is empty is unknown.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from policies.rules.column_data import (
    Array,
    Bits,
    Code,
    Column,
    Day,
    FirstWholeYear,
    HasItems,
    IndustryState,
    Number,
    SharesOfItems,
    YesNo,
    industry_state,
)
from policies.rules.columns import ColumnReader
from policies.rules.facts import Fact
from policies.rules.industry import INDUSTRY_FACTS
from tests.bench.peers.firms import firms

# Blocks and groups of rows are kept small for the sake of memory.
ROWS_OF_BLOCK = 16_384
BLOCKS_OF_GROUP = 4
INVENTED = 20_000
WANTED = ("verdict", "total_least", "total_most")
EPOCH = date(1970, 1, 1).toordinal()
TEXT = pa.dictionary(pa.int16(), pa.string())


def _type(fact: Fact) -> pa.DataType:
    return {
        "bool": pa.bool_(), "enum": TEXT, "enum_set": TEXT, "date": pa.date32(),
        "int": pa.int32(), "money_list": pa.list_(pa.float64()),
    }.get(fact.type, pa.float64())  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, tuple):
        return [float(item) for item in value]
    return value if value is None or isinstance(value, bool | str | date | int) else float(value)


def write_firms(
    path: Path, facts: Mapping[str, Fact], keys: list[str], on: date, rows: int
) -> None:
    answers = firms(keys, facts, on, INVENTED, 0.1)
    small = pa.table(
        {
            key: pa.array(
                [_plain(each.get(key)) for each in answers],
                pa.string() if _type(facts[key]) == TEXT else _type(facts[key]),
            )
            for key in keys
        }
    )
    random = np.random.default_rng(1)
    writer = None
    for start in range(0, rows, ROWS_OF_BLOCK * 2):
        count = min(ROWS_OF_BLOCK * 2, rows - start)
        table = small.take(pa.array(random.integers(0, INVENTED, count))).combine_chunks()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def blocks(path: Path, facts: Mapping[str, Fact]) -> Iterator[pa.RecordBatch]:
    texts = [key for key, fact in facts.items() if _type(fact) == TEXT]
    file = pq.ParquetFile(path, read_dictionary=texts, buffer_size=2**16, pre_buffer=False)
    yield from file.iter_batches(ROWS_OF_BLOCK, use_threads=False)


# --- from Arrow to columns --------------------------------------------------------------


def columns_of_block(block: pa.RecordBatch, columns: list[Column]) -> dict[Column, Array]:
    return {column: _coded(column, block) for column in columns}


def _coded(column: Column, block: pa.RecordBatch) -> Array:
    if isinstance(column, IndustryState):
        return _industry(block)
    values = block.column(column.fact)
    if isinstance(column, YesNo):
        plain = pc.fill_null(pc.cast(values, pa.int8()), pa.scalar(2, pa.int8())).to_numpy()
        return _YES_NO.take(plain, mode="clip")
    if isinstance(column, Code | Bits):
        is_set = isinstance(column, Bits)
        texts = [each.as_py() for each in values.dictionary]
        # The last place is for what is not answered.
        table = np.array(
            [column.code({column.fact: _codes(text) if is_set else text}) for text in texts]
            + [column.code({})],
            column.dtype,
        )
        return table.take(_places(values), mode="wrap")
    if isinstance(column, Number):
        found = _numbers(values)
        if column.scale != 1:
            found = np.rint(found * np.float64(column.scale))
        return found.astype(column.dtype, copy=False)
    if isinstance(column, Day):
        return (_numbers(values.cast(pa.int32())) + np.float64(EPOCH)).astype("f4")
    if isinstance(column, FirstWholeYear):
        return _first_whole_years(values)
    if isinstance(column, HasItems):
        count = pc.fill_null(pc.list_value_length(values), -1).to_numpy(zero_copy_only=False)
        return np.where(count > 0, 1, np.where(count == 0, -1, 0)).astype("i1")
    if isinstance(column, SharesOfItems):
        return _shares(column, values)
    raise TypeError(column)


_YES_NO = np.array([-1, 1, 0], "i1")


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()


def _places(values: Any) -> Array:
    """The places of texts in their dictionary; what is not answered has the last."""
    return pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False)


def _numbers(values: Any) -> Array:
    return pc.fill_null(pc.cast(values, pa.float64()), np.nan).to_numpy(zero_copy_only=False)


def _first_whole_years(values: Any) -> Array:
    days = values.cast(pa.int32())
    numbers = pc.fill_null(days, 0).to_numpy(zero_copy_only=False)
    years = numbers.astype("M8[D]").astype("M8[Y]")
    found = years.astype(np.int64) + 1970 + (years.astype("M8[D]") != numbers.astype("M8[D]"))
    found = found.astype("f4")
    found[pc.is_null(values).to_numpy(zero_copy_only=False)] = np.nan
    return found


def _shares(column: SharesOfItems, values: Any) -> Array:
    counts = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    parts = values.flatten().to_numpy(zero_copy_only=False) * float(column.rate)
    if column.cap is not None:
        parts = np.minimum(parts, float(column.cap))
    found = np.bincount(np.repeat(np.arange(len(counts)), counts), parts, len(counts))
    found[pc.is_null(values).to_numpy(zero_copy_only=False)] = np.nan
    return found


@cache
def _states(*dictionaries: tuple[str, ...]) -> Array:
    """The state of an industry for all three answers, each with a last place for none."""
    answers = [(*texts, None) for texts in dictionaries]
    table = np.full([len(each) for each in answers], industry_state((None, None, None)), "u1")
    for places in np.ndindex(table.shape):
        answered = tuple(each[place] for each, place in zip(answers, places, strict=True))
        try:
            table[places] = industry_state(answered)
        except KeyError:
            continue  # answers that contradict each other, which no firm has given
    return table.ravel()


def _industry(block: pa.RecordBatch) -> Array:
    values = [block.column(key) for key in INDUSTRY_FACTS]
    texts = [tuple(each.as_py() for each in value.dictionary) for value in values]
    place = np.zeros(block.num_rows, np.intp)
    for value, own in zip(values, texts, strict=True):
        own_places = _places(value)
        place = place * (len(own) + 1) + np.where(own_places < 0, len(own), own_places)
    return _states(*texts).take(place, mode="wrap")


# --- there and back ---------------------------------------------------------------------


def results_of(reader: ColumnReader, columns: dict[Column, Array], rows: int) -> pa.RecordBatch:
    arrays = reader.read(columns, rows).arrays
    return pa.record_batch(
        {
            f"{name} {edition.programme}": arrays[name][place]
            for place, edition in enumerate(reader.editions)
            for name in WANTED
        }
    )


def judge_file(reader: ColumnReader, facts: Mapping[str, Fact], given: Path, results: Path) -> None:
    writer, waiting = None, []
    for block in blocks(given, facts):
        rows, columns = block.num_rows, columns_of_block(block, reader.columns)
        del block
        found = results_of(reader, columns, rows)
        del columns
        # What a file tells of its columns grows with its groups of rows, and stays in memory.
        writer = writer or pq.ParquetWriter(results, found.schema, write_statistics=False)
        waiting.append(found)
        if len(waiting) == BLOCKS_OF_GROUP:
            writer.write_table(pa.Table.from_batches(waiting))
            waiting.clear()
    if writer:
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))
        writer.close()


def read_and_write(facts: Mapping[str, Fact], given: Path, results: Path, copy: Path) -> float:
    """Seconds of CPU that the same files take by pyarrow alone: one read, the other written."""
    begin = time.process_time()
    for _ in blocks(given, facts):
        pass
    spent = time.process_time() - begin
    file = pq.ParquetFile(results)
    with pq.ParquetWriter(copy, file.schema_arrow) as writer:
        for block in file.iter_batches(ROWS_OF_BLOCK):
            begin = time.process_time()
            writer.write_batch(block)
            spent += time.process_time() - begin
        begin = time.process_time()
    return spent + time.process_time() - begin
