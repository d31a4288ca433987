"""Blocking: which rows are compared at all. Two rows must share a key, and the rarest keys come first.

Keys are the consonants of two words of a name in any order, of single words, of one with an age or a birth,
the beginnings of the first and the last word, identity numbers. A key that very many share says little: when
there are pairs enough, or a single key would bring too many, it is left out.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_PAIRS_EACH, _PAIRS_AT_LEAST = 30, 4_000_000
_LARGEST_BLOCK = 400_000
_AGE_STEP = 2

_KEYS = f"""
    WITH words AS (SELECT unique_id AS id, list, unnest(bones) AS word FROM people),
    ends AS (
        SELECT unique_id AS id, list, years_low, years_high,
            unnest(list_distinct([bones[1], bones[len(bones)]])) AS word
        FROM people WHERE len(bones) > 0 AND years_high - years_low <= {2 * _AGE_STEP})
    SELECT hash('p', one.word, other.word) AS key, one.id, one.list
        FROM words one JOIN words other ON one.id = other.id AND one.word < other.word
    UNION ALL SELECT hash('w', word), id, list FROM words
    UNION ALL SELECT hash('a', word, step), id, list FROM (
        SELECT *, unnest(range(years_low // {_AGE_STEP}, (years_high + 1) // {_AGE_STEP} + 1)) AS step
        FROM ends)
    UNION ALL SELECT hash('i', identity), unique_id, list FROM people WHERE identity IS NOT NULL
    UNION ALL SELECT hash('d', birth, sex), unique_id, list FROM people WHERE birth IS NOT NULL
    UNION ALL SELECT hash('k', kunya, family_bones), unique_id, list FROM people
        WHERE kunya IS NOT NULL AND family_bones IS NOT NULL
    UNION ALL SELECT hash('f', given_form[1:3], family_form[1:3]), unique_id, list FROM people
        WHERE given_form IS NOT NULL AND family_form IS NOT NULL
    UNION ALL SELECT hash('b', words.word, birth), id, words.list FROM words
        JOIN people ON unique_id = id WHERE birth IS NOT NULL
"""  # noqa: S608 - whole numbers of our own


def bring_together(database: duckdb.DuckDBPyConnection, count: int, within: Set[int]) -> None:
    """Make the table `pairs` of everyone who shares a key; `within` are lists whose own rows are compared."""
    budget = max(_PAIRS_AT_LEAST, _PAIRS_EACH * count)
    mine = ",".join(map(str, sorted(within))) or "-1"
    database.execute(f"CREATE TABLE keys AS {_KEYS}")
    database.execute(f"""
        CREATE TABLE rare AS
        WITH counted AS (SELECT key, list, count(*) AS n FROM keys GROUP BY key, list),
        sized AS (
            SELECT key, (sum(n) * sum(n) - sum(n * n)) / 2
                + sum(CASE WHEN list IN ({mine}) THEN n * (n - 1) / 2 ELSE 0 END) AS size
            FROM counted GROUP BY key)
        SELECT key FROM (
            SELECT key, size, sum(size) OVER (ORDER BY size, key) AS spent FROM sized WHERE size > 0)
        WHERE spent <= {budget} AND size <= {_LARGEST_BLOCK};
        CREATE TABLE some_keys AS SELECT key, id, list FROM keys SEMI JOIN rare USING (key);
        DROP TABLE keys;
        DROP TABLE rare;
        CREATE TABLE pairs AS
        SELECT DISTINCT l.id AS join_key_l, r.id AS join_key_r, '0' AS match_key
        FROM some_keys l JOIN some_keys r ON l.key = r.key AND l.id < r.id
        WHERE l.list <> r.list OR l.list IN ({mine});
        DROP TABLE some_keys;
    """)  # noqa: S608 - whole numbers of our own
