"""Tables of words, one file for each language: data that a linguist can mend without reading code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def language(name: str) -> dict[str, Any]:
    """The tables of a language, as its file in this package has them."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def words(table: str, of: str = "english") -> frozenset[str]:
    """The words of one table."""
    return frozenset(language(of)[table].split())


def patterns(section: str, of: str = "english") -> dict[str, re.Pattern[str]]:
    """The patterns of one section by name, in their order; `{part}` in them stands for a row of `parts`."""
    parts = language(of)["parts"]
    return {
        name: re.compile("|".join(_filled(row, parts) for row in rows), re.IGNORECASE)
        for name, rows in language(of)[section].items()
    }


def _filled(pattern: str, parts: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda match: parts[match[1]], pattern)
