"""The places of the desk that show foreign text, and a case in which every payload stands in each of them.

A payload carries a mark of its own place and number in front, calls `alert` with a number of its own, and
names a host of its own: what runs, asks outside or is shown tells by itself which payload it was, and where
it had been put. A place that takes fewer signs than a payload has goes without that payload, whole or not at
all; how many stood where is counted, and what of it a browser was shown is counted again.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from PIL import Image
from tests.servers.desks import ADA, office_of

from witnessmark.cli import run
from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.desk import Desk
from witnessmark.desk.editions import Typed
from witnessmark.desk.estimates import ENTERED
from witnessmark.desk.four_eyes import Sensitive
from witnessmark.desk.intake import Wanted
from witnessmark.desk.sidecar import Line
from witnessmark.desk.texts import READABLE
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Chapter, Digest, Estimate, Facts, Finding, Listed, Outcome, Range
from witnessmark.model.editions import LAST, LONGEST_TITLE, MADE
from witnessmark.ports import Declined, Lead
from witnessmark.preserve.seal import Intake
from witnessmark.publish.sentences import visible

Tables = list[dict[str, Any]]
MARK = re.compile(r"z([a-z]{3,14})(\d{4})z")
ON_A_PAGE, IN_A_CAPTURE = 50, 20
CLOSING = """\n'"--></script></style></textarea></title></xmp></noscript></select></math></svg></table>\n"""
_ALERT = re.compile(r"\b(alert|prompt|confirm)\s*\([^()]*\)")
_HOST = re.compile(r"(?<=//)(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)


@dataclass(slots=True)
class Sown:
    """The payloads, and which of them stand in which place."""

    payloads: Sequence[str]
    stands: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def at(self, place: str, longest: int = 10_000, without: str = "") -> Iterator[tuple[int, str]]:
        """Every payload that fits into a place, with its number; signs of `without` cannot stand there."""
        for number, payload in enumerate(self.payloads):
            text = marked(place, number, payload).translate({ord(sign): " " for sign in without})
            if len(visible(text)) <= longest:
                self.stands[place].add(number)
                yield number, text

    def one(self, place: str, number: int) -> str:
        """One payload at a place that takes it whole."""
        self.stands[place].add(number)
        return marked(place, number, self.payloads[number])


def called(place: str, number: int) -> int:
    """What a payload at a place calls `alert` with."""
    return crc32(place.encode()) % 100_000 * 10_000 + number


def marked(place: str, number: int, payload: str) -> str:
    """A payload that says of itself which it is and where it was put."""
    told = _ALERT.sub(rf"\1({called(place, number)})", payload)
    return f"z{place}{number:04}z {_HOST.sub(f'{place}{number:04}.', told)}"


def made_case(folder: Path, payloads: Sequence[str]) -> tuple[Path, Sown]:
    """A case in `folder` in which each payload stands in each place that takes it."""
    sown = Sown(payloads)
    case, keys = folder / "case", ("--keys", str(folder / "keys"), "--as", ADA)
    run(["new", str(case), "--name", sown.one("case", 1), "--focus", sown.one("focus", 2), *keys])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    with _desk_of(case) as desk:
        take_in(desk, folder / "material", sown)
        put_on_record(desk, sown)
    run(["package", str(folder / "package"), "--case", str(case), "--comments"])
    with _desk_of(case) as desk:
        _edit(desk, sown)  # a package is not handed out with sentences that quote what they rest on wrongly
    return case, sown


@contextmanager
def _desk_of(case: Path) -> Iterator[Desk]:
    office = office_of(case)
    try:
        yield office.desk
    finally:
        office.close()
        office.desk.close()


# --- what is taken in


def take_in(desk: Desk, folder: Path, sown: Sown) -> None:
    """Texts out of which payloads are quoted, pages to be replayed, pictures, and a small text for each.

    Pictures are examined; what examiners would find in texts is entered as they enter it, since a thousand
    files take them half an hour, and how they read is tested elsewhere.
    """
    folder.mkdir()
    texts, small = list(_texts(folder, sown)), list(_small(folder, sown))
    sources, notes, urls, bases = (dict(sown.at(one)) for one in ("source", "note", "address", "basis"))
    again = [Lead(texts[0], sources[n], urls[n], bases[n], note) for n, note in notes.items()]
    failed = [Declined(f"failed {n}", text, Outcome.FAILED) for n, text in sown.at("failure")]
    sealed = _seal(
        desk,
        [*map(lead_to, texts), *again, *map(lead_to, small), *map(lead_to, _pages(folder, sown))],
        failed,
    )
    titles, bylines, outlets = (dict(sown.at(place)) for place in ("title", "byline", "outlet"))
    findings = [_readable(sealed[path], {"title": path.stem}) for path in texts]
    for number, path in enumerate(small):
        told = {"title": titles[number], "byline": bylines[number], "outlet": outlets[number]}
        findings.append(_readable(sealed[path], told))
    with tempfile.TemporaryDirectory() as quarantine:
        wanted = Wanted(tuple(_pictures(folder)))
        pictures = list(desk.take(wanted, Path(quarantine), lambda _what, _count: None))
    seen = desk.case.digest_of_exhibit(str(pictures[0].exhibit))
    tags = {f"IFD0:Field{number}": text for number, text in sown.at("exif")}
    findings.append(Finding(seen, "metadata 1", "metadata", Facts(tags=tags), "made up for a campaign"))
    names = {f"XMP:{text}": number for number, text in sown.at("tag")}
    findings.append(Finding(seen, "metadata 1", "metadata", Facts(tags=names), "made up for a campaign"))
    findings += [Finding(seen, text, text, Facts(value=text), text) for _, text in sown.at("finding")]
    with desk.case.transaction() as transaction:
        for finding in findings:
            transaction.append(desk.custodian.act("examine", used=(finding.about,)), [finding])


def _seal(desk: Desk, leads: Sequence[Lead], failed: Sequence[Declined]) -> dict[Path, Digest]:
    desk.session.open()
    collector, of = FileCollector(), {}
    captures = [each for lead in leads for each in collector.collect(lead, lead.path.parent)]
    intake = Intake(desk.case, desk.custodian, "run", media_type_of)
    for _ in intake.seal([*captures, *failed]):
        pass
    for lead in leads:
        of[lead.path] = Digest.of(lead.path.read_bytes())
    return of


def _readable(digest: Digest, told: dict[str, str]) -> Finding:
    return Finding(digest, "readable 1", READABLE, Facts(told, text=digest), "made up for a campaign")


def _texts(folder: Path, sown: Sown) -> Iterator[Path]:
    """Texts out of which each payload can be quoted."""
    quotes = list(sown.at("quote"))
    for start in range(0, len(quotes), ON_A_PAGE):
        path = folder / f"said-{start:04}.txt"
        path.write_text("\n\n".join(one for _, one in quotes[start : start + ON_A_PAGE]), "utf-8")
        yield path


def _small(folder: Path, sown: Sown) -> Iterator[Path]:
    """A text for each payload, which is all that stands in it."""
    for number, text in sown.at("body"):
        path = folder / f"{number:04}.txt"
        path.write_text(text, "utf-8")
        yield path


def _pages(folder: Path, sown: Sown) -> Iterator[Path]:
    """Pages whose markup payloads are; what one leaves open is closed before the next."""
    payloads = [text for _, text in sown.at("replayed")]
    last = [one for one in payloads if "<plaintext" in one.lower()]
    payloads = [*(one for one in payloads if one not in last), *last]
    for start in range(0, len(payloads), IN_A_CAPTURE):
        path = folder / f"{start:04}.html"
        body = CLOSING.join(payloads[start : start + IN_A_CAPTURE])
        path.write_text(f"<!doctype html><title>{start}</title><body>{body}</body>", "utf-8")
        yield path


def _pictures(folder: Path) -> Iterator[Path]:
    """Pictures to be marked; the last two are parts of one scene, hence a pair."""
    for number in range(4):
        path = folder / f"{number}.jpg"
        _scene(number).save(path)
        yield path
    for name, box in (("whole", (0, 0, 480, 360)), ("part", (40, 30, 440, 330))):
        path = folder / f"{name}.png"
        _scene(100).crop(box).save(path)
        yield path


def _scene(seed: int) -> Image.Image:
    chance = random.Random(seed)
    small = Image.frombytes("RGB", (48, 36), chance.randbytes(48 * 36 * 3))
    return small.resize((480, 360), Image.Resampling.NEAREST)


# --- what people say


def put_on_record(desk: Desk, sown: Sown) -> None:
    """Each payload as everything that people put on record."""
    exhibits = [number for number, _ in desk.case.exhibits()]
    pictures = _of_type(desk, "image/jpeg")
    _enter(desk, _claims(sown))
    desk.enter([Line(f"statement {n}", one) for n, one in enumerate(_statements(sown))])
    for made in (_judged(sown), _seen(pictures, sown), _talked(exhibits[0], sown)):
        _enter(desk, made)
    between: Tables = [
        {"kind": "decision", "between": _of_type(desk, "image/png"), "verdict": "same scene", "reason": text}
        for _, text in sown.at("decision", 2_000)
    ]
    _enter(desk, between)
    with desk.second_person() as four:
        for _, text in sown.at("release", 300):
            four.ask(Sensitive.PACKAGE, (), text)
    first = desk.case.digest_of_exhibit(exhibits[0])
    with desk.case.transaction() as transaction:
        for _, text in sown.at("purpose", 300):
            detail = Facts(purpose=text)
            transaction.append(desk.custodian.act("exhibit.read", used=(first,), detail=detail))
    _estimate(desk, sown)


def _enter(desk: Desk, tables: Tables) -> None:
    desk.enter([Line(f"{one['kind']} {n}", one) for n, one in enumerate(tables)])


def _claims(sown: Sown) -> Tables:
    when = {"start": "2024-11-19T00:00:00+04:00", "end": "2024-11-19T23:59:59+04:00"}
    names, places, summaries = (dict(sown.at(place)) for place in ("event", "place", "summary"))
    tables: Tables = []
    for number, text in sown.at("claim"):
        where = {"latitude": 17 + number / 100, "longitude": 62.9, "radius_m": 500, "name": places[number]}
        tables += [
            {"kind": "event", "id": f"e{number}", "name": names[number], "where": where, "when": when,
             "summary": summaries[number]},
            {"kind": "claim", "id": f"c{number}", "event": f"e{number}", "topic": "other", "text": text},
        ]  # fmt: skip
    return tables


def _claim_of(number: int) -> str:
    """The claim under which so many payloads stand together."""
    return f"c{number // ON_A_PAGE}"


def _statements(sown: Sown) -> Iterator[dict[str, Any]]:
    units, quotes = dict(sown.at("unit")), dict(sown.at("quote"))
    for number, speaker in sown.at("speaker"):
        yield {
            "kind": "statement", "id": f"s{number}", "speaker": visible(speaker), "quote": quotes[number],
            "file": f"said-{number // ON_A_PAGE * ON_A_PAGE:04}.txt", "relays": None,
            "stance": ("asserts", "denies")[number % 2], "claim": _claim_of(number), "topic": "other",
            "amount": {"low": 40, "best": 40, "high": 40, "qualifier": "exactly", "unit": units[number]},
            "said_at": {"start": "2024-11-19T10:00:00+04:00", "end": "2024-11-19T10:00:00+04:00"},
        }  # fmt: skip


def _judged(sown: Sown) -> Tables:
    """Assessments, second readings, explanations and how they lie, ties, bodies, grades, filings."""
    bodies = dict(sown.at("bodyname"))

    def of(place: str, **fields: Callable[[int], Any]) -> Tables:
        return [
            {name: value(number) for name, value in fields.items()}
            | {"reason": text, "reasons": text, "text": text}
            for number, text in sown.at(place)
        ]

    def said(word: str) -> Callable[[int], str]:
        return lambda _: word

    return [
        *of("reasons", kind=said("assessment"), id="a{}".format, claim=_claim_of, status=said("contested"),
            rests_on=lambda n: [f"s{n}"]),
        *of("rereading", kind=said("rereading"), assessment="a{}".format, concurrence=said("dissents"),
            author=said("Second reader")),
        *of("explanation", kind=said("hypothesis"), id="h{}".format, claim=_claim_of),
        *of("bearing", kind=said("bearing"), on="h{}".format, evidence="s{}".format,
            consistency=said("neutral")),
        *of("bond", kind=said("affiliation"), source="speaker {}".format, body=bodies.get,
            bond=said("speaks for")),
        *of("grade", kind=said("grade"), about="s{}".format, grade=said("B2")),
        *of("tie", kind=said("tie"), statement="s{}".format, source=lambda n: f"s{n - 1 if n else 1}",
            dependence=said("independent")),
        *of("filing", kind=said("filing"), about="s{}".format, claim=_claim_of),
    ]  # fmt: skip


def _seen(pictures: Sequence[str], sown: Sown) -> Tables:
    """Marks on pictures, and how they are counted."""
    sorts, tables = ("note", "place", "equipment", "clothing"), Tables()
    region = {"type": "PointSelector", "x": 40, "y": 50}
    for number, text in sown.at("mark", 2_000):
        line = {"kind": "observation", "exhibit": pictures[number // ON_A_PAGE % len(pictures)],
                "body": {"purpose": sorts[number % 4], "value": text}}  # fmt: skip
        tables.append(line | ({"selector": region} if number % 3 else {}))
    counted = dict(sown.at("counting"))
    for number, text in sown.at("kind", 2_000):
        count = {"low": 1, "best": 1, "high": 1, "qualifier": "exactly"}
        picture = pictures[number // ON_A_PAGE % len(pictures)]
        tables += [
            {"kind": "observation", "id": f"o{number}", "exhibit": picture,
             "body": {"purpose": "count", "value": text, "count": count}},
            {"kind": "counting", "about": f"o{number}", "manner": "may be none", "reason": counted[number]},
        ]  # fmt: skip
    return tables


def _talked(exhibit: str, sown: Sown) -> Tables:
    """Comments by people with names of all kinds, on a claim and an exhibit; a task on each claim."""
    names, mentions = dict(sown.at("author")), dict(sown.at("mention"))
    tables: Tables = []
    for number, text in sown.at("comment", 4_000):
        about = exhibit if number % 2 else _claim_of(number)
        tables.append({"kind": "comment", "about": about, "text": text, "mentions": [mentions[number]],
                       "author": visible(names[number])})  # fmt: skip
    for number, text in sown.at("task", 300):
        tables.append({"kind": "assignment", "about": f"c{number}", "task": text, "to": ADA})
    return tables


def _of_type(desk: Desk, media_type: str) -> list[str]:
    found = desk.case.exhibits()
    return [one for one, digest in found if desk.case.item(digest).original.media_type == media_type]


def _estimate(desk: Desk, sown: Sown) -> None:
    """Estimates of groups and lists with names of all kinds, some refused."""
    exhibit = next(digest for _, digest in desk.case.exhibits())
    custodian = desk.custodian
    lists, strata, methods, assumed, reasons = (
        dict(sown.at(place)) for place in ("listed", "stratum", "method", "assumption", "refusal")
    )
    made = []
    for number, of in sown.at("estimated"):
        given: dict[str, Any] = {"reasons": (reasons[number],)}
        if number % 2:
            given = {"amount": Range(40, 50, 60), "method": methods[number], "assumes": assumed[number]}
        for place in ("refusal",) if number % 2 else ("method", "assumption"):
            sown.stands[place].discard(number)
        made.append(
            Estimate(of, (exhibit,), (Listed(lists[number], 20), Listed("another", 30)), 40,
                     custodian.performer, custodian.clock.now(), stratum=strata[number], **given)
        )  # fmt: skip
    with desk.case.transaction() as transaction:
        transaction.append(custodian.act(ENTERED, used=(exhibit,)), made)


def _edit(desk: Desk, sown: Sown) -> None:
    """A version of the brief: sentences, and titles of sections."""
    titles = list(sown.at("heading", LONGEST_TITLE, without="{}"))
    sentences = list(sown.at("sentence", 1_000, without="{}"))
    under = [Typed(one) for one in MADE if one not in LAST]
    for place, (_, title) in enumerate(titles):
        mine = sentences[place :: len(titles)]
        under.append(Typed(Chapter.OWN, "\n".join(f"{text} {{E00001}}" for _, text in mine), title))
    desk.edit_brief((*under, *(Typed(one) for one in LAST)), "", None)
