"""What the columns of a table mean, by their header words in several languages and by their cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from unicodedata import combining, normalize

from witnessmark.collect.table import Row

ADDRESS = re.compile(r"(?:https?|ftp)://\S+|www\.\S+", re.IGNORECASE)
_PATH = re.compile(r"(?:file://)?[^\n:*?\"<>|]*[^\s\n:*?\"<>|]\.[A-Za-z0-9]{2,5}")
_FIGURE = re.compile(r"[\d\s.,:/+-]*\d[\d\s.,:/+-]*")
_WORD = re.compile(r"[^\W\d_]+")


class Meaning(StrEnum):
    """What a column says about a lead."""

    PATH = "path"
    URL = "url"
    LEGAL_BASIS = "legal basis"
    SOURCE = "source"
    NOTE = "note"
    PERSON = "person"


_WORDS = {
    Meaning.PATH: "path file filename filepath document attachment media ملف مسار fichier chemin datei pfad"
    " archivo ruta dosya файл путь",
    Meaning.URL: "url link uri href address website web permalink رابط عنوان lien adresse enlace direccion"
    " bağlantı ссылка адрес",
    Meaning.LEGAL_BASIS: "legal basis consent authorization authorisation permission licence license قانوني"
    " موافقة إذن base légale rechtsgrundlage",
    Meaning.SOURCE: "source origin provenance uploader مصدر quelle fuente kaynak источник",
    Meaning.NOTE: "note notes comment comments remark remarks description ملاحظة ملاحظات وصف تعليق"
    " remarque bemerkung nota примечание",
    Meaning.PERSON: "name firstname lastname fullname surname father mother age sex gender birth born dob"
    " died اسم عمر جنس أب أم ميلاد nom prénom âge alter nombre edad имя возраст",
}


def _folded(word: str) -> str:
    """A word as it is compared: without case, accents, vowel signs and the Arabic article."""
    bare = "".join(letter for letter in normalize("NFKD", word.casefold()) if not combining(letter))
    bare = bare.replace("\u0640", "")
    return bare.removeprefix("ال") if len(bare) > 4 else bare


_MEANINGS = {_folded(word): meaning for meaning, words in _WORDS.items() for word in words.split()}


def header_of(filled: Sequence[Row]) -> tuple[str, ...] | None:
    """The first row, if it names columns rather than fills them."""
    if not filled:
        return None
    first = filled[0].cells
    if any(pattern.fullmatch(cell.strip()) for cell in first for pattern in (ADDRESS, _PATH, _FIGURE)):
        return None
    names_something = any(_meaning(cell) for cell in first)
    return first if names_something or (len(filled) > 1 and _addresses_below(filled)) else None


def _addresses_below(filled: Sequence[Row]) -> bool:
    return any(ADDRESS.fullmatch(cell.strip()) for row in filled[1:] for cell in row.cells)


def _meaning(cell: str) -> Meaning | None:
    """What a column with this header holds; of several words the one that matters most."""
    found = {_MEANINGS.get(_folded(word)) for word in _WORD.findall(cell[:200])}
    return next((meaning for meaning in Meaning if meaning in found), None)


def meanings(header: Sequence[str], body: Sequence[Row]) -> dict[Meaning, int]:
    """Which column has which meaning, by its header and by what stands in it."""
    columns: dict[Meaning, int] = {}
    people = 0
    for place, cell in enumerate(header):
        meaning = _meaning(cell)
        people += meaning is Meaning.PERSON
        if meaning is not None and not (meaning is Meaning.URL and not _mostly(_is_address, body, place)):
            columns.setdefault(meaning, place)
    if people < 2:
        columns.pop(Meaning.PERSON, None)
    width = max((len(row.cells) for row in body), default=0)
    for meaning, is_such in ((Meaning.URL, ADDRESS.fullmatch), (Meaning.PATH, _is_path)):
        for place in range(width):
            taken = any(columns.get(other) == place for other in columns if other is not Meaning.SOURCE)
            if meaning not in columns and not taken and _mostly(is_such, body, place):
                columns[meaning] = place
    return columns


def _is_path(cell: str) -> bool:
    return bool(_PATH.fullmatch(cell)) and not ADDRESS.fullmatch(cell)


def _is_address(cell: str) -> bool:
    return bool(ADDRESS.fullmatch(cell)) or _is_path(cell)


def _mostly(is_such: Callable[[str], object], body: Sequence[Row], place: int) -> bool:
    cells = [row.cells[place].strip() for row in body if len(row.cells) > place and row.cells[place].strip()]
    return bool(cells) and 2 * sum(bool(is_such(cell)) for cell in cells) >= len(cells)


def objection_to(columns: Mapping[Meaning, int]) -> str | None:
    """Why a table with these columns is a list and holds no leads; None if it holds some."""
    if Meaning.PERSON in columns and Meaning.PATH not in columns:
        return "its columns describe people"
    if Meaning.PATH not in columns and Meaning.URL not in columns:
        return "no column holds files or addresses"
    return None
