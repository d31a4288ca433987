"""A page that draws reported numbers over time: who says how many, lineage by lineage, nothing averaged.

It stands by itself: no script, nothing fetched. What the drawing shows stands in a table below it as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from witnessmark.publish.markup import drawn_page, tag, text_of

Facts = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1b; --paper: #fbfaf7; --line: #6a6a66; --faint: #d9d6cd;
  --band: #ece7d8; --c0: #0a5f9e; --c1: #a84300; --c2: #00694d; --c3: #8a2f6b; --c4: #5c5300; --c5: #333a8f; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceae4; --paper: #1b1b1a; --line: #a5a39c;
  --faint: #45443f; --band: #2f2d27;
  --c0: #6fb7ea; --c1: #ef9a5f; --c2: #58c9a4; --c3: #dd92c2; --c4: #cfc25a;
  --c5: #a3aaf0; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.note { border-left: .3rem solid var(--line); padding-left: 1rem; }
.scroll { overflow-x: auto; }
svg { display: block; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .tick { stroke: var(--faint); stroke-width: 1; } svg .axis { stroke: var(--line); stroke-width: 1; }
svg .band { fill: var(--band); }
svg .bar { stroke-width: 3; stroke-linecap: round; fill: none; } svg .goes { stroke-width: 1.5; fill: none;
  stroke-dasharray: 3 4; } svg .letter { fill: var(--paper); font-weight: 700; text-anchor: middle; }
svg .hollow { fill: var(--paper); stroke-width: 2; } svg .hollow + .letter { fill: var(--ink); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100%; } th, td { text-align: start;
  padding: .25rem .8rem .25rem 0; vertical-align: top; border-bottom: 1px solid var(--faint); }
caption { text-align: start; font-weight: 600; } .flag { font-style: italic; } td.n { white-space: nowrap; }
td.w { overflow-wrap: anywhere; min-width: 9rem; }
"""
_LEGEND = (
    "Each mark is one thing that was said; marks with one letter go back to one knowledge of things and "
    "count once. A bar runs from the lowest to the highest number given, and a dashed arrow on from there "
    "where no end was set; a dot is one number, a hollow one is “about”. Below the line stand words without "
    "a number, refusals and doubts. The band is the range of what stood at the time; hatched, it has no "
    "upper end. Steps along the line are in order of time and not to scale."
)
_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="3" height="6" class="band"/></pattern></defs>'
)
_LEFT, _TOP, _RIGHT, _BELOW, _STEP, _COLOURS = 64, 16, 24, 96, 62, 6
_HIGH, _LOW, _FEW = 280, 140, 3
"""How high a drawing is, and one of a few marks."""


def counts_page(title: str, series: Sequence[Facts], titles: Sequence[str], summary: Sequence[str]) -> bytes:
    """The page as HTML: `series` as the desk tells them, with their titles and a sentence on each."""
    told = "\n".join(
        _series(number, one, named, said)
        for number, (one, named, said) in enumerate(zip(series, titles, summary, strict=True), start=1)
    )
    note = tag("p", text_of(_LEGEND), class_="note")
    return drawn_page("Reported numbers", title, _STYLE, f"{note}\n{told}")


def drawing(series: Facts, named: str, number: int, most: int | None = None) -> str:
    """One series as SVG, safe to stand in a page that has the classes; empty if not two of it have a day.

    With `most`, only so many of its entries are drawn, the latest ones; whoever shows it has to say so.
    """
    drawn = _Drawing.of(series, most)
    return "" if drawn is None else drawn.svg(named, number)


def fates(series: Facts) -> Mapping[str, str]:
    """What became of each entry of a series, by its name."""
    now = _standing_now(series)
    found = {
        entry["entry"]: _fate(entry, lineage["entries"][place + 1 :], now)
        for lineage in series["lineages"]
        for place, entry in enumerate(lineage["entries"])
    }
    return found | {entry["entry"]: _fate(entry, (), now) for entry in series["questioned"]}


def _series(number: int, one: Facts, named: str, said: str) -> str:
    heading = tag("h2", text_of(named), id=f"series-{number}")
    drawn = _Drawing.of(one)
    picture = "" if drawn is None else tag("div", drawn.svg(named, number), class_="scroll", tabindex="0")
    return tag(
        "section",
        f"{heading}\n{tag('p', text_of(said))}\n{picture}\n{_table(one)}",
        aria_labelledby=f"series-{number}",
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """One mark of the drawing: its step along the line, the letter and the colour of its lineage."""

    step: int
    letter: str
    colour: int
    entry: Facts


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A series as marks on a scale from 0 to `top`, in order of time."""

    marks: tuple[_Said, ...]
    days: tuple[Facts, ...]
    top: int

    @property
    def height(self) -> int:
        """From the line to the top, in pixels."""
        return _LOW if len(self.marks) <= _FEW else _HIGH

    @classmethod
    def of(cls, series: Facts, most: int | None = None) -> _Drawing | None:
        """The drawing of a series or of the latest entries of it; None if there are not two with a day."""
        found = [
            (entry["said_on"], place, lineage["lineage"], entry)
            for place, lineage in enumerate(series["lineages"])
            for entry in lineage["entries"]
            if entry["said_on"]
        ]
        found += [(one["said_on"], -1, "∅", one) for one in series["questioned"] if one["said_on"]]
        if len(found) < 2:  # one mark shows no more than its words
            return None
        found.sort(key=lambda one: (one[0], one[1]))
        found = found if most is None else found[-most:]
        marks = tuple(
            _Said(step, letter, place % _COLOURS, entry)
            for step, (_, place, letter, entry) in enumerate(found)
        )
        numbers = [number for mark in marks for number in _numbers(mark.entry)]
        return cls(marks, tuple(series["days"]), _round_up(max(numbers, default=1)))

    def svg(self, named: str, number: int) -> str:
        """The drawing, with what it shows in words."""
        width = _LEFT + _STEP * len(self.marks) + _RIGHT
        height = _TOP + self.height + _BELOW
        label = f"{named}: {len(self.marks)} entries over time; the table below says the same"
        parts = [
            _HATCH,
            *self._bands(),
            *self._scale(width),
            *self._ways(),
            *(self._mark(mark) for mark in self.marks),
        ]
        inside = (
            "\n".join(parts)
            .replace('id="hatch"', f'id="hatch-{number}"')
            .replace('class="open"', f'fill="url(#hatch-{number})"')
        )
        return (
            f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{escape(label)}">\n{inside}\n</svg>'
        )

    def _across(self, step: float) -> float:
        return _LEFT + _STEP * (step + 0.5)

    def _down(self, number: float) -> float:
        return _TOP + self.height * (1 - min(number, self.top) / self.top)

    def _bands(self) -> Iterator[str]:
        """The range that stood from each day to the next."""
        firsts: dict[str, int] = {}
        for mark in self.marks:
            firsts.setdefault(mark.entry["said_on"], mark.step)
        for place, day in enumerate(self.days):
            reported = day["reported"]
            if reported is None or day["on"] not in firsts:
                continue
            start = self._across(firsts[day["on"]] - 0.5)
            later = [firsts[one["on"]] for one in self.days[place + 1 :] if one["on"] in firsts]
            end = self._across((later[0] if later else len(self.marks)) - 0.5)
            low, high = _ends(reported)
            upper = self._down(self.top if high is None else high)
            lower = self._down(low or 0)
            kind = "open" if high is None else "band"
            yield (
                f'<rect class="{kind}" x="{start:.1f}" y="{upper:.1f}" width="{end - start:.1f}" '
                f'height="{max(2.0, lower - upper):.1f}"/>'
            )

    def _scale(self, width: int) -> Iterator[str]:
        parts = next(each for each in (4, 5, 3, 2, 1) if self.top % each == 0)
        for part in range(parts + 1):
            number = self.top // parts * part
            down = self._down(number)
            yield f'<path class="{"tick" if part else "axis"}" d="M{_LEFT} {down:.1f}H{width - _RIGHT}"/>'
            yield f'<text class="end" x="{_LEFT - 8}" y="{down + 4:.1f}">{number:,}</text>'
        before = None
        for mark in self.marks:
            day = mark.entry["said_on"]
            if day != before:
                across, down = self._across(mark.step) + 4, _TOP + self.height + 46
                turned = f'transform="rotate(-38 {across:.1f} {down})"'
                yield f'<text class="end" x="{across:.1f}" y="{down}" {turned}>{escape(day)}</text>'
            before = day

    def _ways(self) -> Iterator[str]:
        """From each number of a source to the one that it gave next."""
        last: dict[tuple[str, str], _Said] = {}
        for mark in self.marks:
            if mark.letter == "∅" or _middle(mark.entry) is None:
                continue
            key = (mark.letter, mark.entry["source"])
            if key in last:
                one = last[key]
                x, y = self._across(one.step), self._down(_middle(one.entry) or 0)
                a, b = self._across(mark.step), self._down(_middle(mark.entry) or 0)
                way = f"M{x:.1f} {y:.1f}L{a:.1f} {b:.1f}"
                yield f'<path class="goes" stroke="var(--c{mark.colour})" d="{way}"/>'
            last[key] = mark

    def _mark(self, mark: _Said) -> str:
        entry, x = mark.entry, self._across(mark.step)
        colour = "var(--line)" if mark.letter == "∅" else f"var(--c{mark.colour})"
        told = tag("title", text_of(_told(entry)))
        amount = entry["amount"]
        middle = _middle(entry)
        if mark.letter == "∅" or middle is None or entry["stance"] == "retracts":
            sign = "×" if entry["stance"] == "retracts" else mark.letter
            return f"<g>{told}{self._dot(x, _TOP + self.height + 18, sign, colour, hollow=True)}</g>"
        low, high = _ends(amount)
        y = self._down(middle)
        stated = [self._down(number) for number in _numbers(entry)]
        shapes = f'<path class="bar" stroke="{colour}" d="M{x:.1f} {max(stated):.1f}V{min(stated):.1f}"/>'
        for end, edge, tip in ((high, min(stated), self.top), (low, max(stated), 0)):
            if end is None:
                at = self._down(tip)
                shapes += f'<path class="goes" stroke="{colour}" d="M{x:.1f} {edge:.1f}V{at:.1f}"/>'
                shapes += _arrow(x, at, colour, up=tip > 0)
        dot = self._dot(x, y, mark.letter, colour, hollow=amount["qualifier"] == "about")
        return f"<g>{told}{shapes}{dot}</g>"

    @staticmethod
    def _dot(x: float, y: float, letter: str, colour: str, *, hollow: bool) -> str:
        paint = f'class="hollow" stroke="{colour}"' if hollow else f'fill="{colour}"'
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" {paint}/>'
            f'<text class="letter" x="{x:.1f}" y="{y + 4:.1f}">{escape(letter)}</text>'
        )


def _arrow(x: float, y: float, colour: str, *, up: bool) -> str:
    tip = 7 if up else -7
    way = f"M{x - 5:.1f} {y + tip:.1f}L{x:.1f} {y:.1f}L{x + 5:.1f} {y + tip:.1f}"
    return f'<path class="bar" stroke="{colour}" d="{way}"/>'


def _ends(amount: Facts) -> tuple[int | None, int | None]:
    """From where to where a number goes; None where its giver left it open."""
    low, best, high = amount["low"], amount["best"], amount["high"]
    if amount["qualifier"] in ("at least", "more than"):
        return (low if low is not None else best), None
    if amount["qualifier"] in ("up to", "less than"):
        return low, (high if high is not None else best)
    return (low if low is not None else best), (high if high is not None else best)


def _middle(entry: Facts) -> float | None:
    """Where the dot of an entry stands: its best number, or the end that it states."""
    amount = entry["amount"]
    if amount is None:
        return None
    if amount["best"] is not None:
        return float(amount["best"])
    return next((float(amount[end]) for end in ("low", "high") if amount[end] is not None), None)


def _numbers(entry: Facts) -> list[int]:
    amount = entry["amount"] or {}
    return [number for name in ("low", "best", "high") if (number := amount.get(name)) is not None]


def _round_up(largest: int) -> int:
    """A round number that leaves some room above the largest."""
    step = 1
    while step * 10 <= largest:
        step *= 10
    return next(
        -(-step * part // 10)
        for part in (12, 16, 20, 24, 32, 40, 60, 80, 100, 120)
        if step * part > 10.4 * largest
    )


def _told(entry: Facts) -> str:
    amount = entry["amount"]["text"] if entry["amount"] else "no number"
    return f"{entry['said_on']}: {entry['source']}, {amount}"


def _table(series: Facts) -> str:
    now = _standing_now(series)
    rows = [
        _row(entry, lineage["lineage"], _fate(entry, lineage["entries"][place + 1 :], now))
        for lineage in series["lineages"]
        for place, entry in enumerate(lineage["entries"])
    ]
    rows += [_row(entry, "∅", _fate(entry, (), now)) for entry in series["questioned"]]
    names = ("Lineage", "Said on", "Source", "Number", "What became of it", "Basis", "Where")
    head = "".join(tag("th", name, scope="col") for name in names)
    caption = tag("caption", "Every entry, lineage by lineage, oldest first")
    table = tag("table", f"{caption}<thead>{tag('tr', head)}</thead><tbody>{''.join(rows)}</tbody>")
    return tag("div", table, class_="scroll", tabindex="0")


def _row(entry: Facts, letter: str, fate: str) -> str:
    source = text_of(entry["source"] or "nobody named") + (
        text_of(f", in {entry['via']}") if entry["via"] else ""
    )
    flags = "".join(f"<br>{tag('span', text_of(flag), class_='flag')}" for flag in entry["flags"])
    amount = text_of(entry["amount"]["text"] if _numbers(entry) else "no number")
    cells = (
        tag("th", text_of(letter), scope="row"),
        tag("td", text_of(entry["said_on"] or "no date"), class_="n"),
        tag("td", source),
        tag("td", amount + flags),
        tag("td", text_of(fate)),
        tag("td", text_of("; ".join(filter(None, (entry["basis"], entry["note"]))))),
        tag(
            "td",
            text_of(entry["reference"]) + (f"<br>{text_of(entry['address'])}" if entry["address"] else ""),
            class_="w",
        ),
    )
    return tag("tr", "".join(cells))


def _standing_now(series: Facts) -> set[str]:
    return {name for day in series["days"][-1:] for one in day["standing"] for name in one["entries"]}


def _fate(entry: Facts, later: Sequence[Facts], now: set[str]) -> str:
    """What became of an entry; `later` are those that its lineage has after it."""
    stance = str(entry["stance"])
    if stance == "retracts":
        return "takes back what was said"
    if stance not in ("asserts", "confirms", "reports"):
        return stance.replace("_", " ")
    if entry["entry"] in now:
        return "stands"
    after = [one for one in later if one["source"] == entry["source"] or entry["entry"] in one["supersedes"]]
    if entry["derived_from"] or not after:
        return "passes on another entry" if entry["derived_from"] else "in no range"
    return f"{'withdrawn' if after[0]['stance'] == 'retracts' else 'replaced'} on {after[0]['said_on']}"
