"""Pictures and recordings: each behind its warning, with what was found, seen and decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from witnessmark.model import Basis, Decision, Digest, Finding, Match, Observation, Purpose, Region, Shape
from witnessmark.model.groups import NOT_PROVED, Kinship, Link, Sighting, TimeEvidence, ToldGroup
from witnessmark.model.wire import digest_of
from witnessmark.publish.blocks import Block, Cover, Entry, Heading, Listing, Paragraph, Section
from witnessmark.publish.dossier import Exhibit
from witnessmark.publish.index import Index
from witnessmark.publish.sentences import (
    Area,
    Label,
    Line,
    Mark,
    Note,
    Part,
    Sentence,
    Term,
    count,
    name,
    note,
    time,
)
from witnessmark.publish.showable import kept_back, shown_fields
from witnessmark.publish.shown import Level, level
from witnessmark.publish.times import moment
from witnessmark.publish.words import LEVELS, PURPOSES

_MEDIA = ("image/", "video/", "audio/")


def is_media(exhibit: Exhibit) -> bool:
    """Whether the exhibit shows or plays something, and so stands behind a warning."""
    return exhibit.item.original.media_type.startswith(_MEDIA)


def pictures(case: Index) -> Section:
    """The section of pictures and recordings, by exhibit number."""
    shown = sorted((one for one in case.dossier.exhibits if is_media(one)), key=lambda one: one.number)
    if not shown:
        return Section("pictures", (Paragraph((note("There is no picture or recording in this case."),)),))
    limits = Limits({})
    return Section("pictures", tuple(block for one in shown for block in _picture(case, one, limits)))


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of each check, told in full where they come up first and by that place afterwards."""

    told_under: dict[tuple[str, str], Term]

    def note(self, tool: str, limits: str, here: Term) -> Note:
        """What the check cannot tell, or where this was said."""
        if (tool, limits) in self.told_under:
            return Note(("Limit: as told under ", self.told_under[tool, limits], "."))
        self.told_under[tool, limits] = here
        return Note(("Limit: ", Term(Mark.WORDS, limits)))


def _picture(case: Index, exhibit: Exhibit, limits: Limits) -> Iterator[Block]:
    graphic = level(case.about.ratings.get(exhibit.digest, ()))
    kind = exhibit.item.original.media_type
    title = Term(Mark.NAME, exhibit.title) if exhibit.title else Term(Mark.VALUE, exhibit.number)
    kicker = f"{exhibit.number} · {kind}" if exhibit.title else kind
    yield Heading(Label((title,)), f"picture-{exhibit.number}", kicker)
    yield _cover(case, exhibit, graphic)
    for heading, entries in (
        ("What people saw on it", _seen(case, exhibit)),
        ("What examination found", _found(case, exhibit, limits)),
        ("Where else it appears", _elsewhere(case, exhibit, limits)),
    ):
        if entries:
            anchor = f"{heading.split()[-1]}-{exhibit.number}"
            yield Heading(Label((heading,)), anchor, level=4)
            yield Listing(entries)
    yield from _sheets(case, exhibit)


def _cover(case: Index, exhibit: Exhibit, graphic: Level) -> Cover:
    rated = "" if graphic.ratings else ", because no person has rated all of it yet"
    warning = f"Level {graphic.number} of 4, {LEVELS[graphic.number]}{rated}"
    description = _description(case, exhibit)
    preview = case.dossier.previews.get(exhibit.digest)
    words = " ".join(one.text for one in _notes(case, exhibit)) or "No person has described it yet."
    return Cover(
        exhibit=exhibit.number,
        warning=warning,
        action=f"Show the small, grey, blurred preview of {exhibit.number}",
        alternative=f"Small, grey, blurred preview of {exhibit.number}, level {graphic.number}. {words}",
        preview=preview,
        caption=description,
    )


def _notes(case: Index, exhibit: Exhibit) -> tuple[Observation, ...]:
    """What people wrote about the picture as a whole."""
    return tuple(
        one
        for one in _observations(case, exhibit)
        if one.purpose is Purpose.NOTE and one.region is None and one.moment is None and one.text
    )


def _observations(case: Index, exhibit: Exhibit) -> list[Observation]:
    found = case.about.observations.get(exhibit.digest, ())
    return sorted(found, key=lambda one: (one.observed_at, one.purpose, one.text))


def _description(case: Index, exhibit: Exhibit) -> tuple[Line, ...]:
    told: list[Line] = [
        Sentence(
            (name(one.author.name), " describes it: “", Term(Mark.WORDS, one.text), "”"),
            (case.record(one, one.about),),
        )
        for one in _notes(case, exhibit)
    ]
    whole = case.reference(exhibit.digest)
    if not told:
        told.append(Sentence(("No person has described it yet.",), (whole,)))
    if exhibit.digest not in case.dossier.previews:
        told.append(Sentence(("No preview could be made of it.",), (whole,)))
    return (*told, *_ratings(case, exhibit))


def _ratings(case: Index, exhibit: Exhibit) -> Iterator[Line]:
    for rating in level(case.about.ratings.get(exhibit.digest, ())).ratings:
        where: tuple[Part, ...] = ()
        if rating.region is not None:
            where = (" in the ", Term(Mark.VALUE, region_words(rating.region)))
        yield Sentence(
            (
                name(rating.author.name),
                " rated it ",
                Term(Mark.VALUE, f"{rating.level}, {LEVELS[rating.level]}"),
                *where,
                " (",
                time(moment(rating.rated_at)),
                ").",
            ),
            (case.record(rating, rating.about),),
        )


def _seen(case: Index, exhibit: Exhibit) -> tuple[Entry, ...]:
    described = _notes(case, exhibit)
    return tuple(
        Entry((_observation(case, exhibit, one),))
        for one in _observations(case, exhibit)
        if one not in described
    )


def _observation(case: Index, exhibit: Exhibit, one: Observation) -> Sentence:
    deed = " set " if one.purpose is Purpose.MASK else " marked "
    parts: list[Part] = [name(one.author.name), deed, PURPOSES[one.purpose]]
    record = digest_of(one)
    if one.region is not None:
        parts += [" in the ", Term(Mark.VALUE, region_words(one.region))]
    if one.moment is not None:
        parts += [" from ", Term(Mark.VALUE, _clock(one.moment.start_ms)), " to "]
        parts += [Term(Mark.VALUE, _clock(one.moment.end_ms)), " of the recording"]
    if one.amount is not None:
        parts += [": ", Term(Mark.COUNT, str(one.amount))]
    if one.text:
        parts += [": “", Term(Mark.WORDS, one.text), "”"]
    if one.purpose is Purpose.MASK and exhibit.digest in case.dossier.previews:
        parts += ["; it is burned into the preview"]
    parts += [" (", time(moment(one.observed_at)), ")."]
    if one.region is None:
        return Sentence(tuple(parts), (case.record(one, one.about),))
    return Sentence(tuple(parts), (Area(exhibit.number, exhibit.digest, one.region, record),))


def _clock(milliseconds: int) -> str:
    """A time since the beginning of a recording: hours, minutes, seconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def region_words(region: Region) -> str:
    """A region in words, in pixels of the upright picture."""
    corners = [f"{x:g}, {y:g}" for x, y in region.points]
    if region.shape is Shape.BOX:
        return f"box from {corners[0]} to {corners[1]} px"
    if region.shape is Shape.POINT:
        return f"point {corners[0]} px"
    return f"polygon {'; '.join(corners)} px"


def _found(case: Index, exhibit: Exhibit, limits: Limits) -> tuple[Entry, ...]:
    if exhibit.number in case.dossier.held_back:
        said = "Its file is not given out, and what checks found in it stays at the desk."
        return (Entry((Sentence((said,), (case.reference(exhibit.digest),)),)),)
    found = sorted(
        case.about.findings.get(exhibit.digest, ()),
        key=lambda one: (one.examiner, one.limits, one.property, digest_of(one)),
    )
    entries = []
    for (examiner, limit), several in groupby(found, key=lambda one: (one.examiner, one.limits)):
        told = tuple(_findings(case, tuple(several)))
        if told:
            entries.append(Entry((*told, limits.note(examiner, limit, case.shown(exhibit.digest)))))
    return tuple(entries)


def _findings(case: Index, several: tuple[Finding, ...]) -> Iterator[Line]:
    for one in several:
        fields = shown_fields(one)
        if not fields:
            continue
        deed = " read from the file: " if one.basis is Basis.OBSERVED else " concluded: "
        parts: list[Part] = ["The check ", Term(Mark.TOOL, one.examiner), deed]
        for place, (field, value) in enumerate(fields):
            parts += ["; " if place else "", Term(Mark.TOOL, field), ": ", Term(Mark.VALUE, value)]
        yield Sentence((*parts, "."), (case.record(one, one.about),))
    back = sum(kept_back(one) for one in several)
    if back:
        records = tuple(case.record(one, one.about) for one in several if kept_back(one))
        yield Sentence(
            (
                "The check ",
                Term(Mark.TOOL, several[0].examiner),
                " read ",
                count(back, "further value", "further values"),
                " of a kind that is kept on record and not printed.",
            ),
            records,
        )


def _elsewhere(case: Index, exhibit: Exhibit, limits: Limits) -> tuple[Entry, ...]:
    """The groups that it belongs to, each told in full once, and likenesses that make no group."""
    grouped: set[Digest] = set()
    entries = []
    for told in case.about.groups.get(exhibit.digest, ()):
        if len(told.group.members) > 1:
            entries.append(_group(case, told, exhibit, limits))
            grouped |= {link.record for link in told.group.links}
    found = [one for one in case.about.matches.get(exhibit.digest, ()) if digest_of(one) not in grouped]
    found.sort(key=lambda one: (one.method, one.distance, one.query, one.candidate))
    return (*entries, *(match_entry(case, one, exhibit.digest, limits) for one in found))


def _group(case: Index, told: ToldGroup, exhibit: Exhibit, limits: Limits) -> Entry:
    """A group under its first exhibit: who is in it, the oldest known by each kind of evidence, the links."""
    links = told.group.links
    records = tuple(case.reference(link.record) for link in links)
    if exhibit.number != told.name:
        parts: tuple[Part, ...] = (
            *(case.shown(exhibit.digest), " is told together with ", Term(Mark.EXHIBIT, told.name)),
            *(": ", Term(Mark.TOOL, told.group.kinship.value), "."),
        )
        return Entry((Sentence(parts, records),))
    named: list[Part] = []
    for place, one in enumerate(told.group.members):
        named += [", " if place else "", case.shown(one.digest), " (a part of it)" if one.is_part else ""]
    by_whom, undecided = _held_by(case, told)
    together = (" belong together: ", Term(Mark.TOOL, told.group.kinship.value))
    whole = Sentence((*by_whom, *named, *together, *undecided), records)
    first = [line for one in told.oldest() for line in _oldest(case, one)]
    below = [case.matches[link.record] for link in links if link.record in case.matches]
    return Entry(
        (whole, *(_joined(case, link) for link in links if link.by), *first),
        tuple(match_entry(case, one, one.query, limits) for one in below),
    )


def _held_by(case: Index, told: ToldGroup) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The words before and after a group that say who holds it to be one: people, or only a program."""
    decided = [bool(link.by) or link.record in case.about.decisions for link in told.group.links]
    if told.group.kinship is Kinship.SAME_BYTES or all(decided):
        return (), (".",)
    after = "." if any(decided) else "; no person has decided on it."
    return ("A program holds that ",), (after,)


def _joined(case: Index, link: Link) -> Sentence:
    parts: list[Part] = [
        name(link.by or ""),
        " joined ",
        case.shown(link.one),
        " and ",
        case.shown(link.other),
    ]
    return Sentence((*parts, "."), (case.reference(link.record),))


def _oldest(case: Index, one: Sighting) -> Iterator[Line]:
    """The oldest of one kind of evidence, its proof, and what it does not prove."""
    parts: list[Part] = ["Oldest known, ", Term(Mark.TOOL, one.evidence.value), ": ", case.shown(one.digest)]
    if one.evidence is TimeEvidence.SEALED:
        parts += [", ", time(moment(one.at)), ", log entry ", Term(Mark.VALUE, str(one.entry))]
    else:
        zone = "" if one.is_zoned else ", in an unknown zone"
        parts += [", ", Term(Mark.VALUE, one.label), " ", time(one.written), zone]
    if one.not_later_than is not None:
        parts += [", vouched for from outside not later than ", time(moment(one.not_later_than))]
    source = one.digest if one.evidence is TimeEvidence.SEALED else one.source
    yield Sentence((*parts, "."), (case.reference(source),))
    yield note(NOT_PROVED[one.evidence])


def _sheets(case: Index, exhibit: Exhibit) -> Iterator[Block]:
    """Each likeness found from this exhibit, side by side and laid over, behind the warning of both."""
    for match in case.about.matches.get(exhibit.digest, ()):
        sheet = case.dossier.sheets.get(digest_of(match)) if match.query == exhibit.digest else None
        other = case.exhibit(match.candidate)
        if sheet is None or other is None:
            continue
        graphic = max(level(case.about.ratings.get(one, ())).number for one in (match.query, match.candidate))
        both = f"{exhibit.number} and {other.number}"
        laid = " and one laid over the other" if match.matrix else ""
        yield Cover(
            exhibit=exhibit.number,
            warning=f"Level {graphic} of 4, {LEVELS[graphic]}: {both} side by side",
            action=f"Show {both}, small, grey and blurred, side by side{laid}",
            alternative=f"Small, grey, blurred previews of {both} side by side{laid}; lines join what agrees",
            preview=sheet,
            caption=(
                Sentence(
                    (case.shown(match.query), " beside ", case.shown(match.candidate), "."),
                    (case.record(match, match.query, match.candidate),),
                ),
            ),
        )


def match_entry(case: Index, match: Match, seen_from: Digest, limits: Limits) -> Entry:
    """A likeness that a method found, why, what it cannot tell, and what a person decided."""
    other = match.candidate if match.query == seen_from else match.query
    transform = match.transform if match.transform not in ("", "none", "identity") else ""
    parts: list[Part] = [case.shown(seen_from), " is like ", case.shown(other), " by the method "]
    parts += [Term(Mark.TOOL, match.method), ", distance ", Term(Mark.VALUE, str(match.distance))]
    if transform:
        parts += [", transform: ", Term(Mark.TOOL, transform)]
    parts += [". Reason given: ", Term(Mark.TOOL, match.reason)]
    references = (case.record(match, match.query, match.candidate), case.reference(other))
    return Entry(
        (
            Sentence(tuple(parts), references),
            _decision(case, match),
            limits.note(match.method, match.limits, case.shown(seen_from)),
        )
    )


def _on_the_pair(case: Index, match: Match) -> Decision | None:
    """The latest word of a person on a match, or on its two exhibits."""
    pair, record = {match.query, match.candidate}, digest_of(match)
    found = (one for name in (record, *pair) for one in case.about.decisions.get(name, ()))
    return max(
        (one for one in found if one.about == record or {one.about, one.other} == pair),
        key=lambda one: (one.decided_at, one.reason),
        default=None,
    )


def _decision(case: Index, match: Match) -> Sentence:
    decision = _on_the_pair(case, match)
    if decision is None:
        return Sentence(
            ("No person has decided on this likeness yet.",),
            (case.record(match, match.query, match.candidate),),
        )
    return Sentence(
        (
            name(decision.author.name),
            " decided: ",
            Term(Mark.STATUS, decision.verdict.value),
            " (",
            time(moment(decision.decided_at)),
            "): “",
            Term(Mark.WORDS, decision.reason or "no reason given"),
            "”",
        ),
        (case.record(decision, match.query, match.candidate),),
    )
