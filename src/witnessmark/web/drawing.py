"""Drawing: pages from templates, everything escaped and nothing hidden."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from witnessmark.publish.sentences import visible
from witnessmark.web.assets import script_names
from witnessmark.web.endpoint import may
from witnessmark.web.office import Visit
from witnessmark.web.roles import Role
from witnessmark.web.words import LANGUAGES, words_in

_TONGUES = tuple((code, words["name"]) for code, words in LANGUAGES.items())
_ONES_OWN = secrets.token_hex(8)
_GAP = re.compile(f"\ue000{_ONES_OWN}(\\w+)\ue001")  # nobody who writes a text can write a gap


def draw(visit: Visit, template: str, status: int = 200, **facts: Any) -> Response:
    """A page as the visitor may see it, in their language."""
    told = _with_top({**_told(visit), **facts})
    return HTMLResponse(_TEMPLATES.get_template(template).render(told), status)


def draw_once(
    visit: Visit, template: str, question: Hashable, facts: Callable[[], Mapping[str, Any]], **own: str
) -> Response:
    """The page that answers a question, drawn by one visitor for all with the same roles and language.

    Who they are, where they came from and what lets their forms in is set into it for each, and so are texts
    and parts of their `own`.
    """

    def drawn() -> tuple[str, ...]:
        name = SimpleNamespace(account=SimpleNamespace(name=_gap("name")))
        gaps = {"session": name, **{each: _gap(each) for each in ("form", "here", "since", *own)}}
        return _pieces_of(template, _with_top({**_told(visit), **gaps, **facts()}))

    session = visit.required
    pieces = visit.answered((template, visit.language, visit.roles, question), drawn)
    texts = {"form": session.form_token, "here": _back_to(visit), "since": str(visit.since)}
    return HTMLResponse(_filled(pieces, {**texts, "name": session.account.name, **own}))


def _told(visit: Visit) -> dict[str, Any]:
    """What every page is told."""
    return {
        "t": visit.words,
        "language": visit.language,
        "session": visit.session,
        "form": "" if visit.session is None else visit.session.form_token,
        "works": visit.works,
        "may": may(visit.roles),
        "all_roles": tuple(Role),
        "here": _back_to(visit),
        "since": visit.since,
        "scripts": script_names(),
        "languages": LANGUAGES,
    }


def _with_top(told: dict[str, Any]) -> dict[str, Any]:
    """What a page is told, with what draws its top: a page gives its section, and the rest is the same."""
    session, texts = told["session"], {"form": told["form"], "here": told["here"]}
    if session is not None:
        texts["name"] = session.account.name

    def top(section: str) -> Markup:
        shape = {"may": told["may"], "section": section, "tongues": _TONGUES}
        return _filled(_mould("top.html", told["language"], tuple(shape.items()), tuple(texts)), texts)

    return {**told, "top": top}


def part(visit: Visit, template: str, **facts: Any) -> Markup:
    """A part of a page, the same for everyone who speaks the visitor's language."""
    told = {"t": visit.words, "language": visit.language, **facts}
    return Markup(_TEMPLATES.get_template(template).render(told))  # noqa: S704 - escaped where it was drawn


def part_once(
    visit: Visit, template: str, question: Hashable, facts: Callable[[], Mapping[str, Any]], **texts: str
) -> Markup:
    """The part that answers a question, drawn by one visitor for all who speak their language.

    `texts` are set into it for each.
    """

    def drawn() -> tuple[str, ...]:
        gaps = {name: _gap(name) for name in texts}
        return _pieces_of(template, {"t": visit.words, "language": visit.language, **gaps, **facts()})

    return _filled(visit.answered((template, visit.language, question, *texts), drawn), texts)


def cast(visit: Visit, template: str, shape: Mapping[str, Hashable], texts: Mapping[str, str]) -> Markup:
    """A part that is drawn many times on a page: once for each `shape`, then with other `texts` in its gaps.

    The template has both as `one`. Texts are escaped as everywhere; it may not ask what is in them.
    """
    return _filled(_mould(template, visit.language, tuple(shape.items()), tuple(texts)), texts)


@lru_cache(maxsize=2_000)
def _mould(
    template: str, language: str, shape: tuple[tuple[str, Hashable], ...], gaps: tuple[str, ...]
) -> tuple[str, ...]:
    one = {**dict(shape), **{name: _gap(name) for name in gaps}}
    return _pieces_of(template, {"t": words_in(language), "language": language, "one": one})


def _pieces_of(template: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands between the gaps, and after each the name of the gap that follows."""
    return tuple(_GAP.split(_TEMPLATES.get_template(template).render(told)))


def _filled(pieces: Sequence[str], texts: Mapping[str, str]) -> Markup:
    written = {name: escape(_shown(text)) for name, text in texts.items()}
    filled = list(pieces)
    filled[1::2] = [written[name] for name in pieces[1::2]]
    return Markup("".join(filled))  # noqa: S704 - escaped here and where it was drawn


def _gap(name: str) -> str:
    return f"\ue000{_ONES_OWN}{name}\ue001"


def _back_to(visit: Visit) -> str:
    """The address of this page, to come back to."""
    url = visit.request.url
    if visit.request.method != "GET":
        return "/"
    return f"{url.path}?{url.query}" if url.query else url.path


def _shown(value: Any) -> Any:
    """What is written into a page: control characters and direction overrides are written out."""
    if type(value) is str:
        return visible(value)
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def when(moment: datetime | str) -> Markup:
    """A time to the minute in UTC."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    whole = at.astimezone(UTC).isoformat()
    written = f"{whole[:10]} {whole[11:16]}"
    return Markup(f'<time datetime="{whole}" dir="ltr">{written} UTC</time>')  # noqa: S704 - digits


def _foreign(text: str) -> Markup:
    """Text of somebody else's: it keeps its own direction of writing."""
    return Markup(f'<bdi dir="auto">{escape(visible(text))}</bdi>')  # noqa: S704 - escaped here


def _amount(number: int) -> str:
    return f"{number:,}"


def _weight(value: Any) -> int:
    """How much there is to read in a value, in signs."""
    if isinstance(value, Mapping):
        return sum(len(str(name)) + _weight(part) for name, part in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_weight, value))
    return len(str(value)) + 1


def _shape(value: Any) -> str:
    """How a value is drawn if nobody drew it for its kind: as fields, as rows, as yes or no, or as text."""
    if isinstance(value, Mapping):
        return "fields" if value else "nothing"
    if isinstance(value, list | tuple):
        return "rows" if value else "nothing"
    if value is None:
        return "nothing"
    return "truth" if isinstance(value, bool) else "text"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("witnessmark.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "when": when,
        "foreign": _foreign,
        "amount": _amount,
        "shape": _shape,
        "weight": _weight,
    }
    return made


_TEMPLATES = _environment()
