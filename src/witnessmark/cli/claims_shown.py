"""How claims, lineages and changes look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from witnessmark.cli.screen import isolated, plain, some

Facts = Mapping[str, Any]

SIGNS: Mapping[str, str] = {
    "asserts": "+",
    "confirms": "‡",
    "denies": "−",
    "doubts": "?",
    "cannot_verify": "∅",
    "declines_to_confirm": "/",
    "under_verification": "…",
    "conditional": "¿",
    "retracts": "×",
    "reports": "~",
}
"""One sign for each stance, so that a row of the matrix fits on a line; the legend says what they mean."""

_COLOURS = {
    "not checkable": "dim",
    "uncorroborated": "yellow",
    "corroborated": "green",
    "contested": "magenta",
    "contradicted by evidence": "red",
}
_LONGEST = 180


def grid_shown(claims: Sequence[Facts], lineages: Sequence[Facts], width: int) -> str:
    """The matrix at a glance: rows claims, columns lineages, signs for stances; wide ones in blocks."""
    heard = {cell["lineage"] for claim in claims for cell in claim["cells"]}
    columns = [one["lineage"] for one in lineages if one["lineage"] in heard]
    wide = max((len(name) for name in columns), default=1) + 1
    in_a_block = max(1, (width - 6) // max(wide, 3))
    blocks = []
    for start in range(0, len(columns), in_a_block):
        names = columns[start : start + in_a_block]
        rows = ["      " + "".join(name.ljust(max(wide, 3)) for name in names)]
        rows += [f"{claim['number']:>4}  " + _row(claim, names, max(wide, 3)) for claim in claims]
        blocks.append("\n".join(row.rstrip() for row in rows))
    sources = "\n".join(
        f"  {one['lineage']:<3} {_sources(one)}" for one in lineages if one["lineage"] in heard
    )
    legend = "  ".join(f"{sign} {stance.replace('_', ' ')}" for stance, sign in SIGNS.items())
    return "\n\n".join((*blocks, f"Lineages\n{sources}", f"Signs\n  {legend}")) + "\n"


def _row(claim: Facts, names: Sequence[str], wide: int) -> str:
    cells = []
    for name in names:
        signs = dict.fromkeys(SIGNS[cell["stance"]] for cell in claim["cells"] if cell["lineage"] == name)
        cells.append(("".join(signs)[:wide] or "·").ljust(wide))
    return "".join(cells)


def _sources(lineage: Facts) -> str:
    first, *others = lineage["sources"]
    told = isolated(first)
    return told if not others else f"{told} [dim]← {', '.join(map(isolated, others))}[/]"


def claim_shown(facts: Facts, *, whole: bool) -> str:
    """A claim with its cells; the `whole` of it with rivals and assessments too."""
    lines = [
        f"[bold]{facts['number']}[/] {isolated(facts['text'])} [dim]{facts['claim'].hex[:12]}[/]",
        f"   {_draft(facts)}",
        *(line for cell in facts["cells"] for line in _cell(cell, whole=whole)),
    ]
    if whole:
        lines += [*_rivals(facts["rivals"]), *_assessments(facts["assessments"])]
    return "\n".join(lines) + "\n"


def _draft(facts: Facts) -> str:
    colour = _COLOURS[facts["draft"]]
    count = (
        f"{some(facts['lineages_for'], 'lineage', 'lineages')} for it, {facts['lineages_against']} against"
    )
    merged = f"; {some(len(facts['merged_into_it']), 'claim', 'claims')} merged into it"
    return (
        f"[{colour}]{facts['draft']}[/] ({count}): {facts['rule']}"
        f"{merged if facts['merged_into_it'] else ''} [dim](a draft by rule, no assessment)[/]"
    )


def _cell(cell: Facts, *, whole: bool) -> Iterator[str]:
    number = (
        f" [cyan]{plain(cell['amount']['text'])} {plain(cell['unit'] or '')}[/]" if cell["amount"] else ""
    )
    stance = cell["stance"].replace("_", " ")
    yield (
        f"   {cell['lineage']:<3} [bold]{stance}[/] {isolated(cell['speaker'])}{number}:"
        f" {_quoted(cell['quote'], whole=whole)} [dim]{cell['exhibit'] or ''} {cell['statement'].hex[:12]}[/]"
    )
    for grade in cell["grades"]:
        by = plain(grade["author"])
        yield f"         graded [bold]{grade['grade']}[/] by {by}: {isolated(grade['reason'])}"
    for relay in cell["relayed_by"]:
        yield (
            f"         ← {isolated(relay['speaker'])} {relay['stance'].replace('_', ' ')}, from"
            f" {isolated(relay['had_from'])} [dim]{relay['exhibit'] or ''} {relay['statement'].hex[:12]}[/]"
        )


def _quoted(quote: str, *, whole: bool) -> str:
    cut = quote if whole or len(quote) <= _LONGEST else quote[: _LONGEST - 1].rstrip() + "…"
    return f"“{isolated(cut)}”"


def _rivals(rivals: Facts) -> Iterator[str]:
    if not rivals["hypotheses"]:
        return
    yield "   [bold]Rival explanations[/]"
    for place, one in enumerate(rivals["hypotheses"], start=1):
        yield f"   H{place} {isolated(one['text'])} [dim]{plain(one['author'])}[/]"
    for row in rivals["evidence"]:
        yield f"     {row['evidence'].hex[:12]} [bold]{row['diagnosticity']}[/]"
        for place, cell in enumerate(row["bearings"], start=1):
            for one in cell:
                who = plain(one["author"])
                yield f"        H{place} {one['consistency']} ({who}: {isolated(one['reason'])})"


def _assessments(assessments: Sequence[Facts]) -> Iterator[str]:
    if not assessments:
        yield "   [bold]No person has assessed it yet.[/]"
    for one in assessments:
        likely = ""
        if one["likelihood"]:
            low, high = one["percent"]
            likely = f", {one['likelihood']} ({low}–{high} %)"
        yield (
            f"   [bold]{plain(one['author'])}: {one['status']}{likely}[/] {isolated(one['reasons'])}"
            f" [dim]{one['assessment'].hex[:12]}[/]"
        )
        if not one["second_readers"]:
            yield "         nobody has read it a second time"
        for reader in one["second_readers"]:
            yield f"         {plain(reader['reader'])} {reader['concurrence']}: {isolated(reader['reasons'])}"


def grouped_shown(facts: Facts) -> str:
    """What waits for a review under one claim, or two claims that may be one."""
    if "alike" in facts:
        one, other = (isolated(text) for text in facts["texts"])
        return f"[bold]alike[/] ({facts['likeness']}) {one}\n      {other}\n"
    head = isolated(facts["text"]) if facts["text"] else f"[yellow]no claim yet[/] ({facts['topic']})"
    lines = [
        f"   {one['exhibit']} [bold]{' → '.join(map(isolated, one['voices']))}[/]"
        f" {one['stance'].replace('_', ' ')}: {_quoted(one['quote'], whole=False)}"
        for one in facts["statements"]
    ]
    return "\n".join((f"[bold]{head}[/]", *lines)) + "\n"


def lineage_shown(facts: Facts) -> str:
    """A lineage with its statements and the edges that hold it together."""
    by_name = {one["statement"]: one for one in facts["statements"]}
    lines = [f"[bold]{facts['lineage']}[/] {_sources(facts)}"]
    lines += [
        f"     [dim]{one['statement'].hex[:12]} {one['exhibit'] or ''}[/]"
        f" {isolated(one['speaker'])}: {_quoted(one['quote'], whole=False)}"
        for one in facts["statements"]
    ]
    for edge in facts["edges"]:
        source = by_name[edge["source"]]["speaker"]
        words = f", {edge['words']} words" if "words" in edge else ""
        reason = f" ({isolated(edge['reason'])})" if edge["reason"] else ""
        rests_on = ", ".join(record.hex[:12] for record in edge["rests_on"])
        arrow = "←" if edge["ordered"] else "—"
        lines.append(
            f"     {arrow} {isolated(by_name[edge['statement']]['speaker'])}"
            f" {edge['ground']}{words}: {isolated(source)}{reason} [dim]rests on {rests_on}[/]"
        )
    return "\n".join(lines) + "\n"


def oddity_shown(facts: Facts) -> str:
    """A circle, or a relay that is dated before what it passes on."""
    if "circle" in facts:
        names = ", ".join(map(isolated, facts["circle"]))
        return f"[red]circular[/] {names} cite each other: none of them is the first"
    early, source = facts["too_early"], facts["passes_on"]
    return (
        f"[red]too early[/] {isolated(early['speaker'])} is dated {early['said_at']} and passes on what"
        f" {isolated(source['speaker'])} said at {source['said_at']}"
    )


def change_shown(facts: Facts) -> str:
    """What changed on a claim, and by whose doing."""
    was, now = facts["was"], facts["is"]
    lines = [f"[bold]{facts['number']}[/] {isolated(facts['text'])}"]
    if was is None:
        lines.append(f"   new: {_standing(now)}")
    elif was != now:
        lines.append(f"   was {_standing(was)}\n   is  {_standing(now)}")
    else:
        lines.append(f"   as before: {_standing(now)}")
    for deed in facts["why"]:
        reason = f": {isolated(deed['reason'])}" if deed["reason"] else ""
        lines.append(
            f"   [dim]{deed['entry']:>6} {deed['at']}[/] {plain(deed['by'])}, {deed['kind']}:"
            f" {isolated(deed['what'])}{reason}"
        )
    return "\n".join(lines) + "\n"


def _standing(facts: Facts) -> str:
    numbers = f", numbers {'; '.join(map(plain, facts['numbers']))}" if facts["numbers"] else ""
    counted = some(facts["statements"], "statement", "statements")
    return (
        f"[{_COLOURS[facts['draft']]}]{facts['draft']}[/], {facts['lineages_for']} for,"
        f" {facts['lineages_against']} against, {counted}{numbers}"
    )
