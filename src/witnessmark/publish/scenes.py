"""A page that draws the scenes of a case: who is linked with whom and by what, and times kept apart by kind.

It shows no picture: exhibits are circles with their numbers. It stands by itself: no script, nothing fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from witnessmark.publish.markup import drawn_page, tag, text_of

Facts = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1b; --paper: #fbfaf7; --line: #6a6a66; --person: #a33b20; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceae4; --paper: #1b1b1a; --line: #a5a39c; --person: #f0987f; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.warning { border-left: .3rem solid var(--person); padding-left: 1rem; }
svg { width: 100%; max-width: 40rem; height: auto; display: block; }
svg text { fill: var(--ink); font: 14px system-ui, sans-serif; text-anchor: middle; }
svg text.edge { font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
svg circle { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }
svg line { stroke: var(--line); stroke-width: 2; }
svg line.picture { stroke-width: 4; }
svg line.person { stroke: var(--person); stroke-dasharray: 7 4; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; } th, td { text-align: start; padding: .15rem .8rem
  .15rem 0; vertical-align: top; } caption { text-align: start; font-weight: 600; }
"""
_RADIUS, _NODE, _MARGIN = 190, 26, 60


def scenes_page(title: str, scenes: Sequence[Facts], summary: Sequence[str]) -> bytes:
    """The page as HTML: `scenes` as the desk tells them, `summary` what has to be said of the search."""
    told = "\n".join(_scene(number, one) for number, one in enumerate(scenes, start=1))
    said = tag("div", "".join(tag("p", text_of(line)) for line in summary), class_="warning")
    return drawn_page("Scenes", title, _STYLE, f"{said}\n{_LEGEND}\n{told}")


_LEGEND = tag(
    "p",
    text_of(
        "A thin line: two views of one place, with the number of places that agree. A thick line: one "
        "picture, or parts of one. A dashed line: a person's decision. Where circles lie says nothing."
    ),
)


def _scene(number: int, scene: Facts) -> str:
    heading = tag("h2", text_of(f"Scene {number}: {len(scene['members'])} pictures"))
    times = "\n".join(_times(kind, order) for kind, order in scene["order"].items())
    missing = text_of(f"Not measured here: {', '.join(scene['not_measured'])}.")
    overruled = "".join(
        tag("li", text_of(f"{one['one']} and {one['other']}: {_decided(one)}")) for one in scene["overruled"]
    )
    apart = f"{tag('h3', 'Overruled by people')}{tag('ul', overruled)}" if overruled else ""
    return tag("section", f"{heading}\n{_graph(scene)}\n{apart}\n{times}\n{tag('p', missing)}")


def _decided(one: Facts) -> str:
    return "; ".join(
        f"{each['author']} decided “{each['verdict']}”: {each['reason']}" for each in one["decisions"]
    )


def _graph(scene: Facts) -> str:
    names = sorted(one["exhibit"] for one in scene["members"])
    places = dict(zip(names, _circle(len(names)), strict=True))
    side = 2 * (_RADIUS + _MARGIN)
    lines = "\n".join(_line(link, places) for link in scene["links"])
    nodes = "\n".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{_NODE}"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}">{escape(name.lstrip("E0") or name)}</text>'
        f"<title>{escape(name)}</title>"
        for name, (x, y) in places.items()
    )
    label = escape(f"{len(names)} pictures and {len(scene['links'])} links between them")
    return f'<svg viewBox="0 0 {side} {side}" role="img" aria-label="{label}">\n{lines}\n{nodes}\n</svg>'


def _circle(count: int) -> Iterator[tuple[float, float]]:
    middle = _RADIUS + _MARGIN
    for place in range(count):
        turn = 2 * math.pi * place / count - math.pi / 2
        yield middle + _RADIUS * math.cos(turn), middle + _RADIUS * math.sin(turn)


def _line(link: Facts, places: Mapping[str, tuple[float, float]]) -> str:
    (x, y), (a, b) = places[link["one"]], places[link["other"]]
    kind = "person" if link["by"] else "picture" if link["kinship"] == "same picture" else "scene"
    said = link["by"] or ("" if not link["inliers"] else str(link["inliers"]))
    line = f'<line class="{kind}" x1="{x:.0f}" y1="{y:.0f}" x2="{a:.0f}" y2="{b:.0f}"/>'
    return f'{line}<text class="edge" x="{(x + a) / 2:.0f}" y="{(y + b) / 2 + 4:.0f}">{escape(said)}</text>'


def _times(kind: str, order: Sequence[Facts]) -> str:
    if not order:
        return tag("p", text_of(f"{kind.capitalize()}: nothing is known."))
    head = "".join(tag("th", name, scope="col") for name in ("Exhibit", "As written", "What it is"))
    rows = "".join(
        tag(
            "tr",
            tag("td", text_of(one["exhibit"]))
            + tag("td", text_of(one["written"] + ("" if one["zoned"] else " (zone unknown)")))
            + tag("td", text_of(one["label"])),
        )
        for one in order
    )
    caption = tag("caption", text_of(f"{kind.capitalize()}, the oldest first"))
    return tag("table", f"{caption}<thead>{tag('tr', head)}</thead><tbody>{rows}</tbody>")
