"""A number drawn on a scale: bounds as a line, an open end dashed, a number without bounds hollow."""

from __future__ import annotations

from witnessmark.publish.blocks import Bar
from witnessmark.publish.markup import tag


def bar(shown: Bar) -> str:
    """A number on its scale; the words in its label say the same."""
    if shown.bounds is None and shown.point is None:
        return tag("span", "no number stated", class_="none")
    shapes = ['<path class="axis" d="M0 10H100" vector-effect="non-scaling-stroke"/>']
    if shown.bounds is None and shown.point is not None:
        shapes += [_dot("point", _at(shown.point, shown)), _dot("hollow", _at(shown.point, shown))]
        words = f"about {shown.point:,}, no bounds stated"
    elif shown.bounds is not None:
        low, high = shown.bounds.low, shown.bounds.high
        shapes += _stretch(low, high, shown)
        words = _bounds_words(low, high)
    return tag(
        "svg",
        "".join(shapes),
        viewBox="0 0 100 20",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{words}, on a scale from 0 to {shown.top:,}",
    )


def _stretch(low: int | None, high: int | None, bar: Bar) -> list[str]:
    start, end = _at(low or 0, bar), _at(high if high is not None else bar.top, bar)
    if low is not None and low == high:
        return [_dot("point", start)]
    line = "open-end" if low is None or high is None else "range"
    shapes = [f'<path class="{line}" d="M{start} 10H{end}" vector-effect="non-scaling-stroke"/>']
    shapes += [_dot("point", _at(edge, bar)) for edge in (low, high) if edge is not None]
    return shapes


def _dot(kind: str, at: str) -> str:
    return f'<path class="{kind}" d="M{at} 10h0" vector-effect="non-scaling-stroke"/>'


def _at(number: int, bar: Bar) -> str:
    return f"{min(100 * number / bar.top, 100):.2f}".rstrip("0").rstrip(".")


def _bounds_words(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{low:,} or more" if low is not None else f"{high:,} or fewer"
