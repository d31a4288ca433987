"""Rows of a table that people keep: the columns may be called as they like, within reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from witnessmark.model import Facts, Range
from witnessmark.model.reported import Flag, Quantity, Reported
from witnessmark.weigh.counting.recorders import day_of
from witnessmark.weigh.counting.wording import (
    Worded,
    amount_of,
    quantity_of,
    stance_of,
    superseded_in,
    whole,
    worded,
)

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("id", "name", "entry", "key"),
    "source": ("source", "attributed_to", "speaker", "voice", "said_by", "author"),
    "via": ("via", "relay", "outlet", "publisher", "through"),
    "quantity": ("quantity", "type", "what", "measure"),
    "low": ("low", "min", "minimum", "from"),
    "best": ("best", "number", "value", "point", "estimate", "count"),
    "high": ("high", "max", "maximum", "to"),
    "bound": ("qualifier", "bound", "bounds", "hedge"),
    "kind": ("kind", "stance", "status"),
    "said_on": ("said_on", "report_date", "date", "said_at", "reported", "published"),
    "event": ("event", "incident"),
    "place": ("place", "where", "location"),
    "scope": ("scope", "part", "subset", "of"),
    "basis": ("basis", "method", "grounds"),
    "grade": ("grade", "admiralty"),
    "note": ("note", "notes", "remark", "comment"),
    "supersedes": ("supersedes", "replaces"),
    "derived_from": ("derived_from", "derived", "from_source", "cites"),
    "address": ("url", "address", "link", "reference"),
}
"""The fields of an entry, and the columns that are taken for each."""
NEEDED = ("source", "quantity")
_GRADE = re.compile(r"[A-F][1-6]")
_SUBSET = re.compile(r"\((?:subset|part|scope)\s*:\s*([^)]*)\)", re.IGNORECASE)


def fields_of(header: Sequence[str]) -> dict[str, int]:
    """Which column holds which field, by what it is called."""
    folded = [re.sub(r"[^a-z]+", "_", name.casefold()).strip("_") for name in header]
    found: dict[str, int] = {}
    for field, names in FIELDS.items():
        place = next((folded.index(name) for name in names if name in folded), None)
        if place is not None and place not in found.values():
            found[field] = place
    return found


def entry_of(cells: Mapping[str, str], fields: Mapping[str, str], reference: str) -> Reported:
    """The entry that a row makes: `fields` is the text of each field, `cells` the whole row as it came."""

    def text(field: str) -> str:
        return fields.get(field, "").strip()

    said, kind = worded(text("bound")), text("kind")
    amount, flags = _amount(fields, said)
    quantity, is_mixed = quantity_of(text("quantity").split("-")[0].split("(")[0], text("quantity"))
    source, scope = _source_and_scope(text("source"), text("scope") or _site(text("quantity")) or said.scope)
    said_on, stance = day_of(text("said_on")), stance_of(kind)
    flags += [
        flag
        for flag, is_so in (
            (Flag.SEVERAL_KINDS, is_mixed),
            (Flag.NOT_SORTED, quantity is Quantity.OTHER),
            (Flag.NO_DATE, said_on is None),
            (Flag.NO_SOURCE, not source),
            (Flag.OF_A_PART, bool(scope)),
        )
        if is_so
    ]
    replaced = superseded_in(kind)
    grade = text("grade").upper()
    return Reported(
        name=text("name") or reference,
        source=source,
        quantity=quantity,
        amount=amount,
        reference=reference,
        stance=stance,
        said_on=said_on,
        event=text("event"),
        place=text("place"),
        scope=scope,
        via=text("via"),
        basis=text("basis"),
        grade=grade if _GRADE.fullmatch(grade) else "",
        note="; ".join(filter(None, (text("bound"), kind, text("note")))),
        address=text("address"),
        unit=text("quantity"),
        supersedes=_names(text("supersedes")) or ((" and ".join(map(str, replaced)),) if replaced else ()),
        derived_from=_names(text("derived_from")),
        flags=tuple(dict.fromkeys(flags)),
        raw=Facts(cells),
    )


def _amount(fields: Mapping[str, str], said: Worded) -> tuple[Range | None, list[Flag]]:
    """The range in the three cells, as the words beside them mean it; with what is wrong with it."""
    texts = [fields.get(name, "").strip() for name in ("low", "best", "high")]
    numbers = [whole(text) if text else None for text in texts]
    if any(text and number is None for text, number in zip(texts, numbers, strict=True)):
        return None, [*said.flags, Flag.NOT_A_NUMBER]
    amount, fault = amount_of(numbers[0], numbers[1], numbers[2], said.qualifier)
    return amount, [*said.flags, *([fault] if fault else [])]


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(";"))))


def _site(quantity: str) -> str:
    """The scope in a quantity such as killed-at-site."""
    return quantity.partition("-")[2].replace("-", " ").strip()


def _source_and_scope(source: str, scope: str) -> tuple[str, str]:
    """A source without the part that its name was given for, which is the scope."""
    found = _SUBSET.search(source)
    if found is None:
        return source, scope
    return " ".join((source[: found.start()] + source[found.end() :]).split()), found[1].strip()
