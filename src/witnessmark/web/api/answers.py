"""Answers: the shape of everything that a call tells. What is not named here is not told."""

from __future__ import annotations

from witnessmark.desk.browsing import MEDIA, OTHER, RECORDS
from witnessmark.desk.four_eyes import Sensitive, State
from witnessmark.model import Chapter, Concurrence, Likelihood, Outcome, Stance, Status, Topic
from witnessmark.model.weighing import DraftStatus
from witnessmark.web.shapes import Fields, Listed, Maybe, Plain, Shape, Table, Text, Truth, Whole, Word

EXHIBIT = Text(pattern=r"E[0-9]{5,9}", says="an exhibit number")
DIGEST = Text(pattern=r"sha256:[0-9a-f]{64}", says="the name of a record or of bytes")
HEX = Text(pattern=r"[0-9a-f]{64}", says="the name of a record, its 64 hexadecimal digits alone")
REVISION = Text(16, 16, r"[0-9a-f]{16}", says="what was on record; send it back with your own word")
TIME = Text(says="RFC 3339, with its offset")
NAME = Text(says="a name as it is on record")
KIND = Word((*MEDIA, OTHER))
ANY = Plain("as the tool or the rule measured it; docs/reference/nouns.md says more")


def page_of(name: str, shape: Shape) -> Fields:
    """A part of a long list, and where the next part begins: null at the end."""
    return Fields({name: Listed(shape), "next": Maybe(Whole(says="send it as `from`"))})


TROUBLE = Fields({"trouble": Text(says="one sentence"), "advice": Text()})

AMOUNT = Fields(
    {
        "low": Maybe(Plain("a number")),
        "best": Maybe(Plain("a number")),
        "high": Maybe(Plain("a number")),
        "qualifier": Text(),
        "text": Text(),
    },
    says="a number as it was given: bounds, best value, hedge",
)

TILE = Fields(
    {
        "exhibit": EXHIBIT,
        "kind": KIND,
        "media_type": Text(),
        "size": Whole(says="bytes"),
        "title": Maybe(Text()),
        "records": Table(Whole(), says="how many records of each kind are about it"),
        "level": Whole(0, 4, says="how graphic it is; what nobody rated counts as 3"),
        "rated": Truth(),
    }
)
EXHIBITS = Fields({**page_of("exhibits", TILE).fields, "count": Whole(says="how many come through")})

FINDING = Fields(
    {
        "record": DIGEST,
        "property": Text(),
        "examiner": Text(),
        "basis": Text(),
        "value": ANY,
        "limits": Text(says="what the method cannot tell"),
    }
)
ONE_EXHIBIT = Fields(
    {
        "exhibit": EXHIBIT,
        "digest": DIGEST,
        "kind_of_exhibit": KIND,
        "media_type": Text(),
        "size": Whole(),
        "level": Whole(0, 4),
        "is_here": Truth("false if its bytes were erased"),
        "arrivals": Listed(
            Fields(
                {"log_entry": Whole(), "collected_at": TIME},
                {"source": Maybe(Text()), "source_url": Maybe(Text()), "note": Maybe(Text())},
            ),
            says="how it came in; where from only for who works with the material",
        ),
        "not_done": Listed(Fields({"examiner": Text(), "outcome": Text(), "reason": Maybe(Text())})),
        "finding": Listed(FINDING),
        "match": Listed(
            Fields(
                {
                    "record": DIGEST,
                    "other": Maybe(EXHIBIT),
                    "method": Text(),
                    "transform": Text(),
                    "reason": Text(),
                    "limits": Text(),
                }
            )
        ),
        "history": Listed(
            Fields(
                {"entry": Whole(), "at": TIME, "by": NAME, "what": Text(), "outcome": Word(tuple(Outcome))}
            )
        ),
        "text": Maybe(
            Fields(
                {
                    "length": Whole(says="signs"),
                    "is_cut": Truth(),
                    "content": Text(says="the beginning of it"),
                }
            )
        ),
    }
)
FINDINGS = page_of("findings", FINDING)

DECISION = Fields(
    {
        "record": DIGEST,
        "verdict": Text(),
        "author": NAME,
        "reason": Text(),
        "decided_at": TIME,
    }
)
PAIR = Fields(
    {
        "one": EXHIBIT,
        "other": EXHIBIT,
        "kind": KIND,
        "method": Text(),
        "transform": Text(),
        "reason": Text(),
        "decision": Maybe(DECISION),
    }
)
PAIRS = Fields({**page_of("pairs", PAIR).fields, "all": Whole(), "waiting": Whole(says="nobody decided on")})
ONE_PAIR = Fields(
    {
        "one": EXHIBIT,
        "other": EXHIBIT,
        "revision": REVISION,
        "matches": Listed(
            Fields(
                {
                    "record": DIGEST,
                    "method": Text(),
                    "transform": Text(),
                    "reason": Text(),
                    "limits": Text(),
                    "measured": ANY,
                    "matrix": Maybe(Listed(Plain("a number"))),
                }
            )
        ),
        "decisions": Listed(DECISION),
    }
)

SAID: dict[str, Shape] = {
    "statement": DIGEST,
    "speaker": NAME,
    "stance": Word(tuple(Stance)),
    "quote": Text(says="the exact words"),
    "exhibit": Maybe(EXHIBIT),
}
STATEMENT = Fields(
    {
        **SAID,
        "amount": Maybe(AMOUNT),
        "unit": Maybe(Text()),
        "said_at": Maybe(TIME),
        "claim": Maybe(Whole(1, says="the number of the claim that it counts under")),
        "lineage": Text(),
        "relays": Maybe(DIGEST),
        "read_by": NAME,
    }
)
STATEMENTS = page_of("statements", STATEMENT)
ONE_STATEMENT = Fields(
    {
        **SAID,
        "amount": Maybe(Text()),
        "unit": Maybe(Text()),
        "start": Whole(says="signs of the readable text"),
        "end": Whole(),
        "pages": Listed(Whole(1), says="the pages of a document on which they stand"),
        "relays": Maybe(DIGEST),
        "read_by": NAME,
        "read_at": TIME,
        "before": Maybe(Text(says="signs before the words, in their text")),
        "after": Maybe(Text()),
    }
)
PROPOSAL = Fields(
    {
        "exhibit": EXHIBIT,
        "place": Whole(says="counts the proposals of the text from 0"),
        "proposal": HEX,
        "voices": Listed(Text(), says="from who passes it on to who said it"),
        "stance": Word(tuple(Stance)),
        "words": Text(),
        "number": Maybe(Text()),
        "unit": Maybe(Text()),
        "claims": Listed(
            Fields({"claim": HEX, "text": Text()}), says="what it may be about, the likeliest first"
        ),
        "events": Listed(Fields({"event": HEX, "name": Text()}), says="what a new claim can be about"),
    }
)
PROPOSALS = Fields({"proposals": Listed(PROPOSAL)})

ASSESSMENT = Fields(
    {
        "assessment": DIGEST,
        "author": NAME,
        "status": Word(tuple(Status)),
        "likelihood": Maybe(Word(tuple(Likelihood))),
        "reasons": Text(),
        "rests_on": Listed(DIGEST),
        "made_at": TIME,
        "second_readers": Listed(
            Fields({"reader": NAME, "concurrence": Word(tuple(Concurrence)), "reasons": Text()})
        ),
    }
)
CLAIM_HEAD: dict[str, Shape] = {
    "number": Whole(1),
    "claim": DIGEST,
    "topic": Word(tuple(Topic)),
    "text": Text(),
    "draft": Word(tuple(DraftStatus), says="what rules come to; only people assess"),
    "rule": Text(),
    "lineages_for": Whole(),
    "lineages_against": Whole(),
}
CLAIMS = page_of("claims", Fields({**CLAIM_HEAD, "assessments": Listed(ASSESSMENT)}))
ONE_CLAIM = Fields(
    {
        **CLAIM_HEAD,
        "revision": REVISION,
        "merged_into_it": Listed(DIGEST),
        "cells": Listed(
            Fields(
                {
                    **SAID,
                    "lineage": Text(),
                    "amount": Maybe(AMOUNT),
                    "unit": Maybe(Text()),
                    "said_at": Maybe(TIME),
                }
            )
        ),
        "assessments": Listed(ASSESSMENT),
    }
)
ASSESSMENTS = page_of("assessments", Fields({**ASSESSMENT.fields, "number": Whole(1, says="of the claim")}))

ENTRY = Fields(
    {
        "entry": Text(),
        "source": Text(),
        "stance": Word(tuple(Stance)),
        "amount": Maybe(AMOUNT),
        "said_on": Maybe(Text(says="a day")),
        "basis": Text(),
        "grade": Text(),
        "supersedes": Listed(Text()),
        "derived_from": Listed(Text()),
        "flags": Listed(Text()),
        "reference": Text(),
    }
)
SERIES = Fields(
    {
        "quantity": Text(),
        "unit": Text(),
        "scope": Text(),
        "event": Text(),
        "place": Text(),
        "lineages": Listed(Fields({"lineage": Text(), "sources": Listed(NAME), "entries": Listed(ENTRY)})),
        "questioned": Listed(ENTRY),
        "days": Listed(
            Fields(
                {
                    "on": Text(says="a day"),
                    "reported": Maybe(AMOUNT),
                    "agreed": Maybe(AMOUNT),
                    "agreement": Text(),
                }
            )
        ),
    }
)
COUNTS = Fields({"series": Listed(SERIES)})
ESTIMATE = Fields(
    {
        "of": Text(says="who is counted"),
        "author": NAME,
        "entered_at": TIME,
        "lists": Listed(Fields({"name": Text(), "persons": Whole()})),
        "linked": Whole(says="persons on at least one of the lists"),
        "amount": Maybe(Fields({"low": Whole(), "best": Whole(), "high": Whole()})),
        "method": Text(),
        "assumes": Text(),
        "reasons": Listed(Text(), says="why no number is printed"),
        "warnings": Listed(Text()),
    }
)
NUMBERS = Fields(
    {
        "series": Listed(
            Fields(
                {"title": Text(), "said": Maybe(Text()), "claims": Listed(Whole(1, says="numbers of claims"))}
            )
        ),
        "floors": Listed(
            Fields({"kind": Text(), "assumed": ANY, "whole": ANY, "not_registered": ANY}),
            says="the least that marks on pictures prove",
        ),
        "not_registered": Whole(says="pairs of marked pictures that wait for it"),
        "estimates": Listed(
            ESTIMATE,
            says="how many in all, from lists that overlap; without an amount it was refused",
        ),
    }
)
BRIEF = Fields(
    {
        "language": Text(),
        "markdown": Text(says="the brief as it would be written now"),
        "faults": Listed(Fields({"rule": Text(), "where": Text()}), says="every rule that it breaks"),
    }
)
ESTIMATES = page_of(
    "estimates",
    Fields(
        {
            "record": DIGEST,
            **ESTIMATE.fields,
            "counts": Truth("false if a later one of the same persons replaced it"),
            "exhibits": Listed(Maybe(EXHIBIT), says="the lists that it rests on"),
            "methods": Listed(
                Fields(
                    {
                        "method": Text(),
                        "median": Whole(),
                        "low": Maybe(Whole()),
                        "high": Maybe(Whole()),
                        "failed": Maybe(Text()),
                    }
                )
            ),
            "settings": ANY,
            "told": Plain("everything that was said, with the diagnostics of each method"),
        }
    ),
)
LINKINGS = page_of(
    "linkings",
    Fields(
        {
            "entry": Whole(says="of the log"),
            "at": TIME,
            "by": NAME,
            "lists": Listed(Fields({"exhibit": Text(), "rows": Whole(), "people": Whole()})),
            "unique": Listed(Text(), says="lists that name nobody twice"),
            "pairs": Whole(says="of rows that may be one person"),
            "linked": Whole(says="of them that were linked"),
            "review": Whole(says="of them that a person should look at"),
            "draws": Whole(says="how many ways in which the linkage may have fallen were counted"),
        },
        says="lists of persons linked; rows and names are told to nobody here",
    ),
)
CODES = page_of(
    "lists",
    Fields(
        {
            "exhibit": Maybe(EXHIBIT),
            "codes": Whole(),
            "without": Whole(says="rows without a code"),
            "rule": Text(),
            "form": Text(),
            "hits": Whole(says="matches of pictures with it"),
        }
    ),
)
HEAD: dict[str, Shape] = {
    "version": Whole(says="1 is the first; 0 is the brief before anybody edited it"),
    "edition": Maybe(DIGEST),
    "author": Maybe(NAME),
    "saved_at": Maybe(TIME),
    "reason": Text(),
    "follows": Maybe(DIGEST),
    "left_out": Listed(Word(tuple(Chapter)), says="sections that this version goes without"),
}
EDITED = Fields(HEAD)
EDITIONS = page_of("editions", EDITED)
ONE_EDITION = Fields(
    {
        **HEAD,
        "sections": Listed(
            Fields(
                {
                    "chapter": Word(tuple(Chapter)),
                    "title": Text(says="of a section of one's own"),
                    "text": Text(says="as it is typed: a sentence on each line, in braces what it rests on"),
                    "sentences": Listed(
                        Fields(
                            {
                                "line": Text(says="the sentence as it is typed"),
                                "text": Text(),
                                "rests_on": Listed(Fields({"name": Text(), "record": DIGEST})),
                                "author": NAME,
                                "written_at": TIME,
                            }
                        )
                    ),
                }
            )
        ),
    }
)
REFERENCES = Fields(
    {
        "references": Listed(
            Fields(
                {
                    "name": Text(says="what stands in braces at the end of a sentence"),
                    "kind": Text(),
                    "says": Text(),
                    "record": DIGEST,
                }
            ),
            says="the first few",
        )
    }
)
LOG = page_of(
    "entries",
    Fields(
        {
            "entry": Whole(),
            "at": TIME,
            "by": NAME,
            "what": Text(),
            "exhibits": Listed(EXHIBIT),
            "outcome": Word(tuple(Outcome)),
            "error": Maybe(Text()),
        }
    ),
)
FOUND = Fields(
    {
        "places": Listed(
            Fields(
                {
                    "exhibit": EXHIBIT,
                    "start": Whole(),
                    "end": Whole(),
                    "text": Text(says="with what is around"),
                }
            )
        ),
        "is_cut": Truth("whether there are more places than were asked for"),
        "looked_into": Whole(says="exhibits with a readable text"),
        "exhibits": Whole(),
    }
)
CASE = Fields(
    {
        "name": Text(),
        "focus": Text(),
        "exhibits": Whole(),
        "kinds": Table(Whole()),
        "waits": Table(Whole(), says="what nobody has decided on yet"),
        "open": Listed(
            Fields(
                {
                    "number": Whole(1),
                    "text": Text(),
                    "draft": Word(tuple(DraftStatus)),
                    "for": Whole(),
                    "against": Whole(),
                }
            )
        ),
        "log": Fields(
            {
                "entries": Whole(),
                "signed": Whole(),
                "unsigned": Whole(),
                "vouched": Whole(says="entries that someone outside vouched for"),
                "vouched_at": Maybe(TIME),
                "failed": Whole(says="examinations that failed"),
            }
        ),
    }
)
DECIDED = Fields({"one": EXHIBIT, "other": EXHIBIT, "revision": REVISION})
REVIEWED = Fields({"exhibit": EXHIBIT, "place": Whole(), "records": Listed(DIGEST)})
FILED = Fields(
    {
        "number": Whole(1, says="the claim under which it now counts"),
        "record": DIGEST,
        "revision": REVISION,
    }
)
FILINGS = page_of(
    "filings",
    Fields(
        {
            "record": DIGEST,
            "about": Text(says="a claim, or a statement"),
            "claim": DIGEST,
            "number": Maybe(Whole(1, says="the claim under which it counts now")),
            "reason": Text(),
            "author": NAME,
            "filed_at": TIME,
        }
    ),
)
SINCE = Whole(0, 10**10, says="how long the log was when one looked; send it back with your own word")
LABELS = Fields(
    {
        **page_of(
            "labels",
            Fields(
                {
                    "record": DIGEST,
                    "exhibit": EXHIBIT,
                    "sort": Text(says="why it was marked, or `level`"),
                    "level": Maybe(Whole(0, 4, says="how graphic it is")),
                    "text": Text(),
                    "region": Maybe(Text(says="the shape of what is marked; null for the whole")),
                    "author": NAME,
                    "at": TIME,
                }
            ),
        ).fields,
        "since": SINCE,
    }
)
LABELLED = Fields({"records": Listed(DIGEST), "since": SINCE})

TALK = Fields(
    {
        "assigned": Maybe(Fields({"to": NAME, "task": Text(), "author": NAME, "assigned_at": TIME})),
        "revision": Text(says="of the assignment: send it back as `seen`; empty if there is none"),
        "comments": Listed(
            Fields(
                {
                    "record": DIGEST,
                    "text": Text(),
                    "author": NAME,
                    "said_at": TIME,
                    "mentions": Listed(NAME),
                    "answers": Maybe(DIGEST),
                }
            )
        ),
    }
)
COMMENTED = Fields({"record": DIGEST})

RELEASE = Fields(
    {
        "request": Whole(says="its number: that of its entry in the log"),
        "act": Word(tuple(Sensitive)),
        "state": Word(tuple(State)),
        "about": Listed(Text(), says="exhibits, or records by their digest; empty for the whole case"),
        "asked_by": NAME,
        "asked_at": TIME,
        "reason": Text(),
        "until": TIME,
        "answered_by": Maybe(NAME),
        "answered_at": Maybe(TIME),
        "answer": Text(),
    }
)
RELEASES = Fields(
    {
        "needed": Listed(Word(tuple(Sensitive)), says="acts that need the word of a second person now"),
        "requests": Listed(RELEASE, says="the latest ones, the newest first"),
    }
)

RECORD = Word(RECORDS)
