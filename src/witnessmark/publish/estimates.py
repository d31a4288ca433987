"""A page that draws estimates: how many in all, how lists overlap, and what the number rests on.

It stands by itself: no script, nothing fetched. What is drawn stands in words and tables as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from witnessmark.publish.markup import drawn_page, tag, text_of

Facts = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1b; --paper: #fbfaf7; --line: #6a6a66; --faint: #d9d6cd;
  --c0: #0a5f9e; --c1: #a84300; --c2: #00694d; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceae4; --paper: #1b1b1a; --line: #a5a39c;
  --faint: #45443f; --c0: #6fb7ea; --c1: #ef9a5f; --c2: #58c9a4; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.scroll { overflow-x: auto; } svg { display: block; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .axis { stroke: var(--line); stroke-width: 1; } svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; } svg .off { fill: var(--faint); } svg .bar { fill: var(--c0); }
svg .c0 { fill: var(--c0); stroke: var(--c0); } svg .c1 { fill: var(--c1); stroke: var(--c1); }
svg .c2 { fill: var(--c2); stroke: var(--c2); } svg .shape { fill-opacity: .55; stroke: none; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; } th, td { text-align: start;
  padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--faint); }
td { font-variant-numeric: tabular-nums; }
caption { text-align: start; font-weight: 600; }
"""
_LEFT, _WIDTH, _ROW, _RIGHT = 220, 640, 34, 24
_MOST_PATTERNS = 40


def estimates_page(title: str, estimates: Sequence[Facts], said: Sequence[Sequence[str]]) -> bytes:
    """The page as HTML: `estimates` as the desk tells them, with the sentences on each."""
    told = "\n".join(
        _section(number, one, lines)
        for number, (one, lines) in enumerate(zip(estimates, said, strict=True), start=1)
    )
    return drawn_page("Estimates", title, _STYLE, told)


def _section(number: int, one: Facts, lines: Sequence[str]) -> str:
    heading = tag("h2", text_of(one.get("stratum") or "All persons"), id=f"estimate-{number}")
    words = "".join(tag("p", text_of(line)) for line in lines)
    methods = [(str(method["method"]), method) for method in one["methods"]]
    without = [(f"without {each['left_out']}", each) for each in one["leave_one_out"]]
    priors = [(_changed(each["changed"]), each) for each in one["prior_sensitivity"]]
    parts = [_intervals("Methods: where each puts the whole number", methods, one["shapes"])]
    parts += [_overlaps(one)]
    parts += [_intervals("With one list left out", without, {})] if without else []
    parts += [_intervals("With another prior (latent class)", priors, {})] if priors else []
    parts += [_odds(one["odds_ratio_sensitivity"])] if one["odds_ratio_sensitivity"] else []
    return tag("section", f"{heading}\n{words}\n{''.join(parts)}", aria_labelledby=f"estimate-{number}")


def _changed(changed: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number:g}" for name, number in changed.items())


@dataclass(frozen=True, slots=True)
class _Scale:
    """From which number to which a drawing goes."""

    low: float
    high: float

    def at(self, number: float) -> float:
        """How far to the right a number stands; what is beyond the ends stands at them."""
        share = (number - self.low) / max(self.high - self.low, 1.0)
        return _LEFT + _WIDTH * min(max(share, 0.0), 1.0)

    def axis(self, y: int) -> str:
        """The line below a drawing, with five numbers."""
        numbers = [self.low + (self.high - self.low) * part / 4 for part in range(5)]
        texts = [_text(self.at(one), y + 16, f"{one:,.0f}", "middle") for one in numbers]
        return f'<path class="axis" d="M{_LEFT} {y}H{_LEFT + _WIDTH}"/>{"".join(texts)}'


def _intervals(title: str, rows: Sequence[tuple[str, Facts]], shapes: Mapping[str, Any]) -> str:
    """Medians with their intervals on one scale, and behind them the shapes of their distributions."""
    known = [(name, one) for name, one in rows if one["median"] is not None]
    if not known:
        return ""
    ends = [float(each[end]) for _, one in known for each in one["intervals"] for end in ("low", "high")]
    scale, step = _Scale(min(ends), max(ends)), _ROW * (2 if shapes else 1)
    drawn = [
        _text(_LEFT - 12, (place + 1) * step + 10, name, "end")
        + _shape(shapes.get(name, ()), scale, (place + 1) * step, place)
        + _interval(one, scale, (place + 1) * step + 6, place if shapes else 0)
        for place, (name, one) in enumerate(known)
    ]
    bottom = len(known) * step + 24
    picture = _svg(title, _LEFT + _WIDTH + 2 * _RIGHT, bottom + 24, "".join(drawn) + scale.axis(bottom))
    head = tag("tr", "".join(tag("th", name, scope="col") for name in ("", "Median", "95 %", "Remark")))
    body = "".join(_told_row(name, one) for name, one in rows)
    caption = tag("caption", text_of(title))
    return picture + tag("table", f"{caption}<thead>{head}</thead><tbody>{body}</tbody>")


def _shape(bars: Sequence[tuple[float, float, int]], scale: _Scale, y: int, place: int) -> str:
    tallest = max((count for _, _, count in bars), default=1)
    return "".join(
        f'<rect class="shape c{place % 3}" x="{scale.at(start):.1f}" y="{y - 40 * count / tallest:.1f}"'
        f' width="{scale.at(end) - scale.at(start):.1f}" height="{40 * count / tallest:.1f}"/>'
        for start, end, count in bars
        if count
    )


def _interval(one: Facts, scale: _Scale, y: int, place: int) -> str:
    colour = f"c{place % 3}"
    widest_first = sorted(one["intervals"], key=lambda each: -float(each["level"]))
    lines = "".join(
        f'<path class="{colour}" stroke-width="{width}"'
        f' d="M{scale.at(each["low"]):.1f} {y}H{scale.at(each["high"]):.1f}"/>'
        for each, width in zip(widest_first, (1.5, 4, 7), strict=False)
    )
    return f'{lines}<circle class="{colour}" cx="{scale.at(one["median"]):.1f}" cy="{y}" r="5"/>'


def _told_row(name: str, one: Facts) -> str:
    widest = max(one["intervals"], key=lambda each: float(each["level"]), default=None)
    ends = "" if widest is None else f"{widest['low']:,.0f} to {widest['high']:,.0f}"
    median = "no number" if one["median"] is None else f"{one['median']:,.0f}"
    cells = tag("th", text_of(name), scope="row") + tag("td", median) + tag("td", ends)
    return tag("tr", cells + tag("td", text_of(one["failed"] or "")))


def _overlaps(one: Facts) -> str:
    """The patterns of lists with how many persons have each: an UpSet drawing."""
    lists, patterns = one["lists"], one["patterns"][:_MOST_PATTERNS]
    if not patterns:
        return ""
    most, tall, step = max(each["count"] for each in patterns), 160, 22
    parts = [_text(_LEFT - 12, tall + 48 + j * step, name, "end") for j, name in enumerate(lists)]
    for place, each in enumerate(patterns):
        x, height = _LEFT + 12 + place * 24, tall * each["count"] / most
        names = ", ".join(lists[j] for j in each["lists"])
        told = tag("title", text_of(f"{names}: {each['count']:,}"))
        bar = f'<rect class="bar" x="{x - 8}" y="{tall + 24 - height:.1f}" width="16" height="{height:.1f}"/>'
        parts.append(f"<g>{told}{bar}{_text(x, tall + 19 - height, str(each['count']), 'middle')}</g>")
        for j in range(len(lists)):
            colour = "bar" if j in each["lists"] else "off"
            parts.append(f'<circle class="{colour}" cx="{x}" cy="{tall + 44 + j * step}" r="6"/>')
    left = len(one["patterns"]) - len(patterns)
    title = "How many persons are on which lists" + (f" (the {left} rarest left out)" if left else "")
    width = _LEFT + 24 * len(patterns) + _RIGHT
    return tag("h3", text_of(title)) + _svg(title, width, tall + 48 + step * len(lists), "".join(parts))


def _odds(rows: Sequence[Facts]) -> str:
    ratios = list(rows[0]["totals"])
    head = "".join(tag("th", text_of(name), scope="col") for name in ("Lists", *ratios))
    body = "".join(
        tag(
            "tr",
            tag("th", text_of(", ".join(one["lists"])), scope="row")
            + "".join(
                tag("td", "" if one["totals"].get(ratio) is None else f"{one['totals'][ratio]:,.0f}")
                for ratio in ratios
            ),
        )
        for one in rows
    )
    caption = tag("caption", "The whole, if these lists depend on each other with this odds ratio")
    table = tag("table", f"{caption}<thead>{tag('tr', head)}</thead><tbody>{body}</tbody>")
    return tag("div", table, class_="scroll", tabindex="0")


def _text(x: float, y: float, content: str, side: str) -> str:
    return f'<text class="{side}" x="{x:.1f}" y="{y:.1f}">{text_of(content)}</text>'


def _svg(title: str, width: int, height: int, content: str) -> str:
    picture = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"{tag('title', text_of(title))}{content}</svg>"
    )
    return tag("div", picture, class_="scroll", tabindex="0")
