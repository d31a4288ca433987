"""Compare: two exhibits side by side or laid over each other, and a person's word on them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.desk.comparing import pair_facts, pairs_alike
from witnessmark.desk.seen import Seen
from witnessmark.desk.sidecar import Line
from witnessmark.errors import UsageError
from witnessmark.model import Digest
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go

PAGE = 40
"""How many pairs are shown at once."""
LONGEST_REASON = 2_000
_TURNED = "derived the other way"
VERDICTS = ("same", "derived", _TURNED, "same scene", "different")
"""What can be chosen; `derived` says that the first was made from the second."""


def pairs(visit: Visit) -> Response:
    """Pairs that were found alike, those first on which nobody has decided."""
    first = visit.number("from")
    told = pairs_alike(visit.desk.case, first, PAGE)
    return draw(visit, "pairs.html", told=told, first=first, page=PAGE)


def compare(visit: Visit) -> Response:
    """Two exhibits and all that is on record between them."""
    return _page(visit, ({}, {}))


def uncover_both(visit: Visit) -> Response:
    """The page with both exhibits as they are, for whoever has no script; each look is entered."""
    seen = []
    for digest in pair_of(visit):
        copy = visit.desk.uncover(digest)
        token = visit.office.sessions.grant(visit.required, "seen", copy.digest)
        seen.append({"path": f"/seen/{token}.jpg"})
    return _page(visit, (seen[0], seen[1]))


def decide(visit: Visit) -> Response:
    """A person's word on two exhibits, if nobody gave another one since the page was opened."""
    decided(visit)
    return go(f"/compare/{visit.path('one')}/{visit.path('other')}")


def decided(visit: Visit) -> None:
    """Put a person's word on two exhibits on record."""
    one, other = visit.path("one"), visit.path("other")
    verdict = visit.fields.get("verdict", "")
    if verdict not in VERDICTS:
        raise UsageError("choose what the two are to each other")
    about = Seen(pair_of(visit), visit.fields.get("seen", ""))
    is_turned = verdict == _TURNED
    table = {
        "kind": "decision",
        "between": [other, one] if is_turned else [one, other],
        "verdict": "derived" if is_turned else verdict,
        "reason": written(visit, "reason"),
    }
    visit.desk.enter([Line("the form", table)], about)


def written(visit: Visit, name: str, longest: int = LONGEST_REASON, asked: str = "say why") -> str:
    """A field of a form in which a person says what was `asked`; UsageError if it is empty or too long."""
    text = visit.fields.get(name, "").strip()
    if not 0 < len(text) <= longest:
        raise UsageError(
            f"{asked}, in at most {longest:,} signs", advice="it stays on record; go back and write it"
        )
    return text


def pair_of(visit: Visit) -> tuple[Digest, Digest]:
    """The two exhibits that the address names."""
    one, other = (visit.desk.case.digest_of_exhibit(visit.path(name)) for name in ("one", "other"))
    if one == other:
        raise UsageError("this is one exhibit: there is nothing to compare")
    return one, other


def _page(visit: Visit, seen: tuple[dict[str, Any], dict[str, Any]]) -> Response:
    desk, (one, other) = visit.desk, pair_of(visit)
    facts = pair_facts(desk.case, one, other)
    sides = [facts["one"], facts["other"]]
    levels = [desk.opened(one), desk.opened(other)]
    number = min(visit.number("likeness"), max(0, len(facts["matches"]) - 1))
    match = facts["matches"][number] if facts["matches"] else None
    return draw(
        visit,
        "compare.html",
        sides=[
            {**side, "level": level, "seen": each.get("path")}
            for side, level, each in zip(sides, levels, seen, strict=True)
        ],
        facts=facts,
        match=match,
        number=number,
        revision=Seen.now(desk.case, one, other).revision,
        verdicts=VERDICTS,
        longest=LONGEST_REASON,
    )
