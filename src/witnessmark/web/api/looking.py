"""Looking: what a program is told of the case. The facts are those of the pages and of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from witnessmark.desk.browsing import exhibit_facts, log_page, statement_facts
from witnessmark.desk.claims import Claims, amount_facts
from witnessmark.desk.comparing import pair_facts, pairs_alike
from witnessmark.desk.counts import Counts, series_facts
from witnessmark.desk.four_eyes import FourEyes, request_facts
from witnessmark.desk.labels import Label
from witnessmark.desk.labels import labels as labels_on
from witnessmark.desk.linking import linkings
from witnessmark.desk.lists import Lists
from witnessmark.desk.numbers import estimates_facts, numbers_facts
from witnessmark.desk.presence import lies_here
from witnessmark.desk.reviewing import Waiting
from witnessmark.desk.seen import Seen
from witnessmark.desk.showing import find_words, texts_looked_into
from witnessmark.desk.talking import Talk, talk_on
from witnessmark.errors import UsageError
from witnessmark.model import Digest, Filing, Rating
from witnessmark.model.wire import digest_of
from witnessmark.ports import Case
from witnessmark.web.board import at_a_glance, claims_now
from witnessmark.web.compare import pair_of
from witnessmark.web.gallery import sieve_of, tiles_of
from witnessmark.web.marks import LEVEL
from witnessmark.web.office import Visit
from witnessmark.web.review import sitting_of, words_of
from witnessmark.web.talk import about_of

PAGE = 100
"""How many things are told at once if nothing else is asked, and at most."""
MOST_PROPOSALS = 20
Facts = dict[str, Any]


def case(visit: Visit) -> Facts:
    """The case at a glance."""
    return at_a_glance(visit, claims_now(visit))


def exhibits(visit: Visit) -> Facts:
    """Some exhibits that come through a sieve."""
    asked = visit.question
    sieve = sieve_of(visit, asked)
    limit = asked.get("limit", PAGE)
    found = tiles_of(visit, sieve, asked.get("from", 0), limit)
    count, _ = visit.desk.case.places(sieve, 1)
    follows = found[-1]["place"] + 1 if len(found) == limit else None
    return {"exhibits": found, "next": follows, "count": count}


def exhibit(visit: Visit) -> Facts:
    """One exhibit; that what is sensitive was told is an entry of the log."""
    desk, digest = visit.desk, _exhibit(visit)
    facts = exhibit_facts(desk.case, digest, whole=visit.works)
    text = facts["text"]
    if text is not None:
        text["content"] = "".join(piece["text"] for piece in text["pieces"])
    return {**facts, "level": desk.opened(digest), "is_here": lies_here(desk.case, digest)}


def findings(visit: Visit) -> Facts:
    """What examiners found in one exhibit."""
    digest, wanted = _exhibit(visit), visit.question.get("property")
    visit.desk.opened(digest)
    facts = exhibit_facts(visit.desk.case, digest, whole=visit.works)
    found = [one for one in facts["finding"] if wanted in (None, one["property"])]
    return part_of(visit, "findings", found)


def pairs(visit: Visit) -> Facts:
    """Some pairs that were found alike, those first on which nobody has decided."""
    first, limit = visit.question.get("from", 0), visit.question.get("limit", PAGE)
    told = pairs_alike(visit.desk.case, first, limit)
    follows = first + limit if first + limit < told["all"] else None
    return {**told, "next": follows}


def pair(visit: Visit) -> Facts:
    """Two exhibits and all that is on record between them."""
    one, other = pair_of(visit)
    for digest in (one, other):
        visit.desk.opened(digest)
    facts = pair_facts(visit.desk.case, one, other)
    return {
        **facts,
        "one": facts["one"]["exhibit"],
        "other": facts["other"]["exhibit"],
        "revision": Seen.now(visit.desk.case, one, other).revision,
    }


def statements(visit: Visit) -> Facts:
    """The statements that stand: all, or those under a claim or from an exhibit."""
    claims, asked = claims_now(visit), visit.question
    numbers = _numbers(claims)
    weighing, case = claims.weighing, visit.desk.case
    exhibit = asked.get("exhibit")
    wanted = None if exhibit is None else case.digest_of_exhibit(exhibit)
    names = [
        name
        for name, said in weighing.statements.items()
        if asked.get("claim") in (None, numbers.get(weighing.under.get(name)))
        and wanted in (None, said.appearance.digest)
    ]
    part = part_of(visit, "statements", names)
    return {**part, "statements": [_statement(claims, numbers, name) for name in part["statements"]]}


def statement(visit: Visit) -> Facts:
    """One statement with its exact words at their place."""
    return statement_facts(visit.desk.case, Digest.from_hex(visit.path("name")))


def proposals(visit: Visit) -> Facts:
    """Some proposed statements that nobody has decided on, from an exhibit on."""
    sitting, found = sitting_of(visit), []
    number, place = visit.question.get("exhibit", ""), visit.question.get("after", -1)
    if number:
        visit.desk.case.digest_of_exhibit(number)
    for _ in range(visit.question.get("limit", MOST_PROPOSALS)):
        waiting = sitting.first_after(number, place)
        if waiting is None:
            break
        found.append(waiting)
        number, place = waiting.number, waiting.place
    events = [{"event": name.hex, "name": one.name} for name, one in sitting.events()]
    return {"proposals": [{**_proposal(one), "events": events} for one in found]}


def claims(visit: Visit) -> Facts:
    """The claims of the case with their assessments."""
    weighed = claims_now(visit)
    part = part_of(visit, "claims", weighed.called(None))
    return {**part, "claims": [weighed.facts(*one) for one in part["claims"]]}


def claim(visit: Visit) -> Facts:
    """One claim with who says what to it, and its revision."""
    weighed = claims_now(visit)
    ((number, one),) = weighed.called(visit.path("number"))
    revision = Seen.now(visit.desk.case, one.digest, *one.absorbed).revision
    return {**weighed.facts(number, one), "revision": revision}


def assessments(visit: Visit) -> Facts:
    """Every assessment with who read it again."""
    weighed = claims_now(visit)
    found = [
        {**told, "number": number}
        for number, one in weighed.called(None)
        for told in weighed.facts(number, one)["assessments"]
    ]
    return part_of(visit, "assessments", found)


def counts(visit: Visit) -> Facts:
    """Every reported number over time, lineage by lineage."""
    return {"series": [series_facts(one) for one in Counts.of(visit.desk.case).series()]}


def numbers(visit: Visit) -> Facts:
    """What is reported and what can be counted at least, in short."""
    claims = claims_now(visit)
    return dict(visit.office.counted.now(lambda: numbers_facts(visit.desk.case, claims)))


def brief(visit: Visit) -> Facts:
    """The brief as it would be written now; nothing of it is handed out as finished."""
    language = visit.question.get("language", "en")
    files, faults = visit.office.drafts[language].now(lambda: visit.desk.drafted_brief(language))
    told = [{"rule": fault.rule, "where": fault.where} for fault in faults]
    return {"language": language, "markdown": files["brief.md"].decode(), "faults": told}


def estimates(visit: Visit) -> Facts:
    """Every estimate of how many there are in all, from lists that overlap."""
    return part_of(visit, "estimates", estimates_facts(visit.desk.case))


def linked(visit: Visit) -> Facts:
    """Each time that lists were linked, the newest first."""
    return part_of(visit, "linkings", linkings(visit.desk.case))


def codes(visit: Visit) -> Facts:
    """The lists of codes that were read, and in how many matches each stands."""
    return part_of(visit, "lists", list(Lists(visit.desk.case).facts()))


def filings(visit: Visit) -> Facts:
    """The rulings on what counts under which claim, in the order of the log."""
    numbers = _numbers(claims_now(visit))
    told = part_of(visit, "filings", visit.desk.case.find(Filing))
    return {**told, "filings": [_filing(name, one, numbers) for name, one in told["filings"]]}


def labels(visit: Visit) -> Facts:
    """The marks and ratings that stand; `since` is sent back with one's own."""
    case, asked = visit.desk.case, visit.question.get("exhibit")
    since = case.head().size
    told = part_of(visit, "labels", labels_on(case, None if asked is None else case.digest_of_exhibit(asked)))
    return {**told, "labels": [_label(case, *each) for each in told["labels"]], "since": since}


def log(visit: Visit) -> Facts:
    """Some entries of the custody log, the newest first."""
    size, limit = visit.desk.case.head().size, visit.question.get("limit", PAGE)
    start = min(visit.question.get("from", size - 1), size - 1)
    follows = start - limit
    return {
        "entries": log_page(visit.desk.case, start, limit),
        "next": follows if follows >= 0 else None,
    }


def search(visit: Visit) -> Facts:
    """Where words stand in readable texts."""
    case, limit = visit.desk.case, visit.question.get("limit", PAGE)
    if "words" not in visit.question:
        raise UsageError("say which words to look for", advice="send them as `words`")
    found = [facts for facts, _ in islice(find_words(case, visit.question["words"]), limit + 1)]
    looked, every = texts_looked_into(case)
    return {"places": found[:limit], "is_cut": len(found) > limit, "looked_into": looked, "exhibits": every}


def talk(visit: Visit) -> Facts:
    """What people said to each other on an exhibit or a claim, and who is to see to it."""
    return told_talk(talk_on(visit.desk.case, *about_of(visit)))


def releases(visit: Visit) -> Facts:
    """What needs a second person, and what was asked of one."""
    four = FourEyes(visit.desk.case, visit.desk.custodian)
    told = [request_facts(visit.desk.case, one) for one in four.requests()]
    return {"needed": sorted(one.value for one in four.policy()), "requests": told}


def told_talk(found: Talk) -> Facts:
    """Talk as it is told."""
    given = found.assigned
    return {
        "assigned": None
        if given is None or given.to is None
        else {
            "to": given.to.name,
            "task": given.task,
            "author": given.author.name,
            "assigned_at": given.assigned_at,
        },
        "revision": found.revision,
        "comments": [
            {
                "record": record,
                "text": one.text,
                "author": one.author.name,
                "said_at": one.said_at,
                "mentions": one.mentions,
                "answers": one.answers,
            }
            for record, one, _ in found.comments
        ],
    }


def part_of(visit: Visit, name: str, every: Sequence[Any]) -> Facts:
    """Some of a long list, and where the rest begins."""
    first, limit = visit.question.get("from", 0), visit.question.get("limit", PAGE)
    follows = first + limit if first + limit < len(every) else None
    return {name: list(every[first : first + limit]), "next": follows}


# --- inner


def _exhibit(visit: Visit) -> Digest:
    return visit.desk.case.digest_of_exhibit(visit.path("exhibit"))


def _filing(name: Digest, one: Filing, numbers: dict[Digest | None, int]) -> Facts:
    return {
        "record": name,
        "about": one.about,
        "claim": one.claim,
        "number": numbers.get(one.claim),
        "reason": one.reason,
        "author": one.author.name,
        "filed_at": one.filed_at,
    }


def _label(case: Case, name: Digest, one: Label) -> Facts:
    told: Facts = {
        "record": name,
        "exhibit": case.exhibit_of(one.about),
        "region": None if one.region is None else one.region.shape,
        "author": one.author.name,
    }
    if isinstance(one, Rating):
        return {**told, "sort": LEVEL, "level": one.level, "text": "", "at": one.rated_at}
    return {**told, "sort": one.purpose.value, "level": None, "text": one.text, "at": one.observed_at}


def _numbers(claims: Claims) -> dict[Digest | None, int]:
    return {name: number for number, one in claims.called(None) for name in (one.digest, *one.absorbed)}


def _statement(claims: Claims, numbers: dict[Digest | None, int], name: Digest) -> Facts:
    said = claims.weighing.statements[name]
    at = said.said_at and (said.said_at.start or said.said_at.end)
    return {
        "statement": name,
        "speaker": said.speaker,
        "stance": said.stance,
        "quote": said.appearance.quote,
        "exhibit": claims.case.exhibit_of(said.appearance.digest),
        "amount": amount_facts(said.amount),
        "unit": said.unit,
        "said_at": at,
        "claim": numbers.get(claims.weighing.under.get(name)),
        "lineage": claims.names[name],
        "relays": said.relays,
        "read_by": said.read_by.name,
    }


def _proposal(waiting: Waiting) -> Facts:
    draft = waiting.draft
    return {
        "exhibit": waiting.number,
        "place": waiting.place,
        "proposal": waiting.proposal.hex,
        "voices": draft.voices,
        "stance": draft.stance,
        "words": words_of(waiting),
        "number": None if draft.amount is None else str(draft.amount),
        "unit": draft.unit,
        "claims": [{"claim": digest_of(one).hex, "text": one.text} for one in waiting.claims],
    }
