"""The masthead of a page: title, byline, outlet, date and language, each with where it was read.

A date on a page is a statement by the page. It is given as it stands there; a date that had to be
guessed is called so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from witnessmark.collect.names import as_text

_LONGEST = 1000
_MOST_DATES = 10
_DATE_FIELDS = (
    *(
        "article:published_time",
        "og:published_time",
        "datepublished",
        "article:published",
        "article.published",
    ),
    *("parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date"),
    *("dc.date.created", "dcterms.created", "citation_publication_date", "citation_date", "pubdate"),
    *("publishdate", "publish-date", "publish_date", "publication_date", "date", "created", "timestamp"),
)
_IN_JSON = re.compile(r'"(datePublished|uploadDate|dateCreated)"\s*:\s*"([^"\\]{4,60})"')
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_SCRIPTS = (
    ("Arab", re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")),
    ("Cyrl", re.compile("[\u0400-\u052f]")),
    ("Hebr", re.compile("[\u05d0-\u05ea]")),
    ("Latn", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_WRITTEN_IN = {
    **dict.fromkeys(("ar", "fa", "ur", "ckb", "ps", "sd", "ug"), "Arab"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "ky"), "Cyrl"),
    **dict.fromkeys(("he", "yi"), "Hebr"),
    **dict.fromkeys(
        ("en", "fr", "de", "es", "it", "pt", "nl", "tr", "pl", "sv", "no", "da", "fi", "id"), "Latn"
    ),
}


def dates(tree: Any) -> tuple[dict[str, str], ...]:
    """Every date that the page states about itself, as given, the weightiest first."""
    found: dict[str, str] = {}
    for place, given in _stated_dates(tree):
        if given.strip() and place not in found and len(found) < _MOST_DATES:
            found[place] = as_text(" ".join(given.split()))[:_LONGEST]
    return tuple({"given": given, "from": place} for place, given in found.items())


def _stated_dates(tree: Any) -> Iterator[tuple[str, str]]:
    fields = meta_fields(tree)
    for name in _DATE_FIELDS:
        if name in fields:
            yield f"meta {name}", fields[name]
    for script in tree.iter("script"):
        if "json" in script.get("type", "") and script.text:
            for match in _IN_JSON.finditer(script.text):
                yield f"JSON-LD {match[1]}", match[2]
    for element in tree.iter("time"):
        yield "time element", element.get("datetime") or ""


def meta_fields(tree: Any) -> dict[str, str]:
    """The content of each meta field by its name in lower case; of several the first."""
    fields: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = meta.get("content")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := meta.get(attribute)):
                fields.setdefault(name.lower(), content)
    return fields


def stated_language(tree: Any) -> tuple[str, str] | None:
    """The language code that the page declares, and where."""
    fields = meta_fields(tree)
    for given, place in (
        (
            tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
            "the page's lang attribute",
        ),
        (fields.get("content-language"), "meta content-language"),
        (fields.get("og:locale"), "meta og:locale"),
    ):
        code = _CODE.match(given.strip()) if given else None
        if code:
            return code[0].replace("_", "-"), place
    return None


def language(text: str, stated: tuple[str, str] | None) -> dict[str, object] | None:
    """The language of a text: as stated, else by its script alone; a contradiction of both is shown."""
    script, share = script_of(text)
    if stated is not None:
        expected = _WRITTEN_IN.get(stated[0].split("-")[0].lower())
        doubtful = bool(script and expected and expected != script)
        return {"code": stated[0], "from": stated[1], **({"but_script": script} if doubtful else {})}
    if script is None:
        return None
    return {"code": f"und-{script}", "from": f"{share:.0%} of its letters are of this script"}


def script_of(text: str) -> tuple[str | None, float]:
    """The script (ISO 15924) of most letters of `text`, and their share; None if none has most."""
    sample = text[:20_000]
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS}
    best = max(counts, key=lambda name: counts[name])
    letters = sum(map(str.isalpha, sample))
    share = counts[best] / letters if letters else 0.0
    return (best, share) if share > 0.5 else (None, share)


def stated(document: Any, tree: Any) -> dict[str, object]:
    """Title, byline, outlet and date, as far as the page states them."""
    fields = meta_fields(tree)
    found = dates(tree)
    if not found and document is not None and document.date:
        found = ({"given": str(document.date), "from": "a guess by htmldate from the page"},)
    title = (document and document.title) or fields.get("og:title") or tree.findtext(".//title")
    told = {
        "title": title,
        "byline": (document and document.author) or fields.get("author"),
        "outlet": (document and document.sitename) or fields.get("og:site_name"),
        "summary": fields.get("og:description") or fields.get("description"),
    }
    return {
        **{name: as_text(" ".join(str(value).split()))[:_LONGEST] for name, value in told.items() if value},
        **({"published": found[0], "dates": found} if found else {}),
    }
