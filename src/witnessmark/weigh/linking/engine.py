"""The engine: splink on DuckDB. It brings pairs together, compares them by features, and keeps the likely.

DuckDB works in memory and spills to a private folder that is given to it; it loads no extensions and reaches
nothing outside. Splink's own probabilities are not used: see `posterior`.
"""

from __future__ import annotations

import gc
import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np

from witnessmark.errors import UnavailableError
from witnessmark.weigh.linking.blocking import bring_together
from witnessmark.weigh.linking.comparing import COLUMNS, FEATURES, Feature, Shares, distinct, splink_settings
from witnessmark.weigh.linking.intake import Entry
from witnessmark.weigh.linking.peopling import row_of_person

if TYPE_CHECKING:
    import duckdb

_BATCH = 20_000
_SAMPLE, _DRAWN_EACH = 500_000, 100
_LEAST_WEIGHT = -12.0
_RARITIES = (
    "given",
    "given_bones",
    "father",
    "father_bones",
    "family",
    "family_bones",
    "kunya",
    "mother",
    "place",
)

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs of people by their numbers, and the level that each feature met: 0 the strongest, -1 not told.

    `levels` has a row for each pair and a column for each of `features`.
    """

    left: Numbers
    right: Numbers
    levels: Numbers
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everyone on all lists by number: their list and row, what they tell, and how common their words are.

    `told` has a column for each feature; `common` gives, for each column with rare and common values, the
    share of people with the same value.
    """

    lists: Numbers
    rows: Numbers
    told: Numbers
    common: dict[str, Numbers]
    sames: dict[str, float]


@dataclass(frozen=True, slots=True)
class Engine:
    """A database with the people of all lists."""

    database: duckdb.DuckDBPyConnection
    features: tuple[Feature, ...]
    people: People
    within: frozenset[int]

    def at_random(self) -> Compared:
        """Pairs drawn at random, for what agreement by chance looks like."""
        count = len(self.people.lists)
        draw = np.random.default_rng(20)
        size = min(_SAMPLE, _DRAWN_EACH * count)
        pairs = np.unique(np.sort(draw.integers(0, count, (size, 2)), axis=1), axis=0)
        pairs = pairs[self._wanted(*pairs.T)]
        _put(self.database, "drawn", {"join_key_l": pairs[:, 0], "join_key_r": pairs[:, 1]})
        self.database.execute("ALTER TABLE drawn ADD COLUMN match_key VARCHAR DEFAULT '0'")
        return self._compared("drawn", None)

    def likely(self, by_chance: Shares) -> Compared:
        """Every pair that shares a key and is not plainly of two people.

        `by_chance` are the shares of each feature's levels among pairs drawn at random.
        """
        bring_together(self.database, len(self.people.lists), self.within)
        return self._compared(
            "pairs", [distinct(*each) for each in zip(self.features, by_chance, strict=True)]
        )

    # --- inner

    def _wanted(self, left: Numbers, right: Numbers) -> Numbers:
        """Which pairs are compared: of two lists, or of one in which people may stand twice."""
        lists = self.people.lists
        mine = np.isin(lists, sorted(self.within))
        return np.asarray((left < right) & ((lists[left] != lists[right]) | mine[left]))

    def _compared(self, table: str, by_chance: Shares | None) -> Compared:
        """What splink finds for the pairs of a table: all, or those that weigh enough by these shares."""
        from splink import Linker  # noqa: PLC0415 - heavy, and an extra
        from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415

        api = DuckDBAPI(connection=self.database)
        settings = splink_settings(self.features, 1 / max(2, len(self.people.lists)), by_chance)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            linker = Linker(api.register("people"), settings, log_level=None, validate_settings=False)
            linker.table_management.register_blocked_pairs_for_predict(api.register(table))
            least = _LEAST_WEIGHT if by_chance else None
            found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        prefix = "mw" if by_chance else "gamma"
        told = self.database.execute(
            f"SELECT unique_id_l, unique_id_r, {', '.join(f'{prefix}_{one.column}' for one in self.features)}"  # noqa: S608
            f" FROM {found.physical_name} ORDER BY unique_id_l, unique_id_r"
        ).fetchnumpy()
        self.database.execute(f"DROP TABLE IF EXISTS {found.physical_name}; DROP TABLE IF EXISTS {table}")
        levels = np.empty((len(told["unique_id_l"]), len(self.features)), dtype=np.int8)
        for place, feature in enumerate(self.features):
            said = np.asarray(told[f"{prefix}_{feature.column}"], dtype=float)
            levels[:, place] = (
                _levels(feature, said, by_chance[place]) if by_chance else _numbered(feature, said)
            )
        left, right = (np.asarray(told[f"unique_id_{side}"]).astype(np.int32) for side in "lr")
        return Compared(left, right, levels, self.features)


def _numbered(feature: Feature, gamma: Numbers) -> Numbers:
    """The levels as splink numbers them, the weakest first, as they are numbered here."""
    return np.where(gamma < 0, -1, len(feature.levels) - 1 - gamma)


def _levels(feature: Feature, weights: Numbers, by_chance: Sequence[float]) -> Numbers:
    """The levels that these weights are those of; what is not told weighs nothing."""
    known = [
        0.0,
        *(log2(level.share / share) for level, share in zip(feature.levels, by_chance, strict=True)),
    ]
    order = np.argsort(known)
    steps = np.array(known)[order]
    nearest = np.searchsorted((steps[1:] + steps[:-1]) / 2, weights)
    return np.asarray(order[nearest] - 1)


@contextmanager
def engine(lists: Sequence[Iterable[Entry]], within: frozenset[int], spill: str) -> Iterator[Engine]:
    """The engine over these lists; `within` are the lists in which a person may stand twice.

    `spill` is a folder that is the caller's to remove. UnavailableError without the extra `link`.
    """
    database = _open(spill)
    try:
        with _uncollected():
            _fill(database, lists)
        features = _features_told(database)
        yield Engine(database, features, _people(database, features), within)
    finally:
        database.close()


def _open(spill: str) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb  # noqa: PLC0415 - heavy, and an extra
        import splink  # noqa: F401, PLC0415
    except ImportError as error:
        raise UnavailableError(
            "lists are linked by splink, which is not installed", advice="install the extra `link`"
        ) from error
    logging.getLogger("splink").setLevel(logging.ERROR)
    return duckdb.connect(
        ":memory:",
        config={
            "temp_directory": spill,
            "memory_limit": "2500MB",
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: reading rows makes none, and the search takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _fill(database: duckdb.DuckDBPyConnection, lists: Sequence[Iterable[Entry]]) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    database.execute(f"CREATE TABLE people ({columns})")
    number = 0
    for place, entries in enumerate(lists):
        stream = iter(entries)
        while batch := list(islice(stream, _BATCH)):
            _insert(database, number, place, batch)
            number += len(batch)


def _insert(database: duckdb.DuckDBPyConnection, number: int, place: int, batch: Sequence[Entry]) -> None:
    """One batch of people, by way of Arrow."""
    import pyarrow as pa  # noqa: PLC0415

    rows = [row_of_person(number + n, place, entry) for n, entry in enumerate(batch)]
    kinds = {"INTEGER": pa.int32(), "SMALLINT": pa.int16(), "VARCHAR": pa.string()}
    kinds |= {f"{name}[]": pa.list_(kind) for name, kind in kinds.items()}
    columns = [
        pa.array(list(column), kinds[kind])
        for column, kind in zip(zip(*rows, strict=True), COLUMNS.values(), strict=True)
    ]
    database.register("batch", pa.table(columns, names=list(COLUMNS)))
    database.execute("INSERT INTO people SELECT * FROM batch")
    database.unregister("batch")


def _put(database: duckdb.DuckDBPyConnection, table: str, columns: dict[str, Numbers]) -> None:
    import pyarrow as pa  # noqa: PLC0415

    database.register("given_columns", pa.table(columns))
    database.execute(f"CREATE TABLE {table} AS SELECT * FROM given_columns")  # noqa: S608
    database.unregister("given_columns")


def _features_told(database: duckdb.DuckDBPyConnection) -> tuple[Feature, ...]:
    """The features that anybody at all tells."""
    counts = ", ".join(f"count({feature.needs})" for feature in FEATURES)
    told = database.execute(f"SELECT {counts} FROM people").fetchone() or ()  # noqa: S608
    return tuple(feature for feature, count in zip(FEATURES, told, strict=True) if count > 1)


def _people(database: duckdb.DuckDBPyConnection, features: Sequence[Feature]) -> People:
    needs = ", ".join(f"({feature.needs} IS NOT NULL) AS t{n}" for n, feature in enumerate(features))
    told = database.execute(f"SELECT list, row, {needs} FROM people ORDER BY unique_id").fetchnumpy()  # noqa: S608
    common, sames = {}, {}
    for column in _RARITIES:
        counted = database.execute(f"""
            WITH shares AS (SELECT {column}, count(*) / (SELECT count({column}) FROM people) AS share
                FROM people WHERE {column} IS NOT NULL GROUP BY {column})
            SELECT coalesce(share, 0) AS share
            FROM people LEFT JOIN shares USING ({column}) ORDER BY unique_id
        """).fetchnumpy()  # noqa: S608
        share = np.asarray(counted["share"], dtype=np.float32)
        common[column] = share
        sames[column] = float(share.sum() / max(1, np.count_nonzero(share)))
    matrix = np.column_stack([np.asarray(told[f"t{n}"], dtype=bool) for n in range(len(features))])
    return People(
        np.asarray(told["list"], np.int16), np.asarray(told["row"], np.int32), matrix, common, sames
    )
