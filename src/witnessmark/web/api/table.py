"""The table of calls: what programs may ask and for whom, as `table.py` has it for the pages."""

from __future__ import annotations

from witnessmark.desk.browsing import MEDIA, OTHER
from witnessmark.desk.four_eyes import LONGEST_REASON as LONGEST_WHY
from witnessmark.desk.four_eyes import MOST_ABOUT, Sensitive
from witnessmark.desk.references import REFERENCES
from witnessmark.desk.reviewing import MOST_CLAIMS
from witnessmark.model import Chapter, Concurrence, Likelihood, Stance, Status, Topic
from witnessmark.model.comments import LONGEST_COMMENT, LONGEST_TASK
from witnessmark.model.editions import LONGEST_TITLE
from witnessmark.publish.words import LANGUAGES as BRIEFS
from witnessmark.web.api import answers, deciding, editions, looking
from witnessmark.web.api.calling import call
from witnessmark.web.arrange import LONGEST_CLAIM
from witnessmark.web.compare import LONGEST_REASON, VERDICTS
from witnessmark.web.editing import LONGEST_REASON as LONGEST_OF_EDITION
from witnessmark.web.editing import LONGEST_TEXT as LONGEST_SECTION
from witnessmark.web.editing import MOST_ROWS
from witnessmark.web.endpoint import Call, Endpoint
from witnessmark.web.matrix import LONGEST_ASSESSMENT
from witnessmark.web.roles import KEEPERS, READERS, REVIEWERS, WORKERS
from witnessmark.web.shapes import Fields, Listed, Text, Truth, Whole, Word
from witnessmark.web.tagging import LONGEST_TEXT as LONGEST_LABEL
from witnessmark.web.tagging import MOST_AT_ONCE, SORTS
from witnessmark.web.tokens import Scope

_PARTS = {
    "from": Whole(0, 10**12, says="where to begin: the `next` of the part before"),
    "limit": Whole(1, looking.PAGE, says=f"at most how many; {looking.PAGE} if it is not said"),
}
_REASON = Text(LONGEST_REASON, 1, says="why; it stays on record")
_REASONS = Text(LONGEST_ASSESSMENT, 1, says="why; it stays on record")


def _look(name: str, says: str, gives: Fields) -> Call:
    return Call(name, says, Scope.READ, gives)


def _talk(path: str, thing: str) -> tuple[Endpoint, ...]:
    """What may be asked and said on an exhibit or a claim."""
    comment = Fields(
        {"text": Text(LONGEST_COMMENT, 1)},
        {
            "mentions": Listed(Text(60, 1), 50, "pseudonyms of those whom it is for"),
            "answers": answers.DIGEST,
        },
    )
    assigned = Fields(
        {"task": Text(LONGEST_TASK, 1), "seen": Text(71, says="the revision of the assignment, or empty")},
        {"to": Text(60, says="a pseudonym; left out for nobody any more")},
    )
    return (
        call(
            f"{path}/comments",
            WORKERS,
            _look(
                f"comments on {thing}",
                "What people said to each other on it, and who sees to it.",
                answers.TALK,
            ),
            looking.talk,
        ),
        call(
            f"{path}/comments",
            WORKERS,
            Call(f"comment on {thing}", "A comment.", Scope.WRITE, answers.COMMENTED, takes=comment),
            deciding.commented,
        ),
        call(
            f"{path}/assignments",
            WORKERS,
            Call(f"assign {thing}", "Who is to see to it.", Scope.WRITE, answers.TALK, takes=assigned),
            deciding.assigned,
        ),
    )


CALLS: tuple[Endpoint, ...] = (
    call("/case", READERS, _look("case", "The case at a glance.", answers.CASE), looking.case),
    call(
        "/exhibits",
        READERS,
        Call(
            "exhibits",
            "Exhibits by what they are and what is, or is not, on record of them.",
            Scope.READ,
            answers.EXHIBITS,
            {"kind": Word((*MEDIA, OTHER)), "has": answers.RECORD, "lacks": answers.RECORD, **_PARTS},
        ),
        looking.exhibits,
    ),
    call(
        "/exhibits/{exhibit}",
        READERS,
        _look(
            "exhibit",
            "One exhibit. From level 2 on, that it was told is an entry of the log. Who only reads is told"
            " neither where it came from nor personal metadata.",
            answers.ONE_EXHIBIT,
        ),
        looking.exhibit,
    ),
    call(
        "/exhibits/{exhibit}/findings",
        READERS,
        Call(
            "findings",
            "What examiners found in one exhibit, with the limits of each method.",
            Scope.READ,
            answers.FINDINGS,
            {"property": Text(200, 1), **_PARTS},
        ),
        looking.findings,
    ),
    call(
        "/matches",
        READERS,
        Call(
            "matches",
            "Pairs that were found alike, those first on which nobody has decided.",
            Scope.READ,
            answers.PAIRS,
            _PARTS,
        ),
        looking.pairs,
    ),
    call(
        "/matches/{one}/{other}",
        READERS,
        _look("match", "Two exhibits and all that is on record between them.", answers.ONE_PAIR),
        looking.pair,
    ),
    call(
        "/matches/{one}/{other}/decisions",
        WORKERS,
        Call(
            "decide match",
            "Your owner's word on two exhibits. `derived` says that the first was made from the second.",
            Scope.WRITE,
            answers.DECIDED,
            takes=Fields({"verdict": Word(VERDICTS), "reason": _REASON, "seen": answers.REVISION}),
        ),
        deciding.pair,
    ),
    call(
        "/statements",
        READERS,
        Call(
            "statements",
            "The statements that stand, each with the claim and the lineage that it counts under.",
            Scope.READ,
            answers.STATEMENTS,
            {"claim": Whole(1, 10**9, says="its number"), "exhibit": answers.EXHIBIT, **_PARTS},
        ),
        looking.statements,
    ),
    call(
        "/statements/{name}",
        READERS,
        _look("statement", "One statement with its exact words at their place.", answers.ONE_STATEMENT),
        looking.statement,
    ),
    call(
        "/proposals",
        WORKERS,
        Call(
            "proposals",
            "Proposed statements that nobody has decided on, in the order of exhibits and of their texts.",
            Scope.READ,
            answers.PROPOSALS,
            {
                "exhibit": answers.EXHIBIT,
                "after": Whole(0, 10**8, says="a place in the text of `exhibit`"),
                "limit": Whole(1, looking.MOST_PROPOSALS),
            },
        ),
        looking.proposals,
    ),
    call(
        "/proposals/{exhibit}/{place}",
        WORKERS,
        Call(
            "decide proposal",
            "Confirm a proposal as it was read, or mended by the fields that are sent, or reject it."
            " 409 if somebody decided before, or if the text is read in another way now.",
            Scope.WRITE,
            answers.REVIEWED,
            takes=Fields(
                {"proposal": answers.HEX, "act": Word(("confirm", "reject"))},
                {
                    "claim": Text(64, 3, says=f"one of the {MOST_CLAIMS} that are offered at most, or `new`"),
                    "voices": Text(2_000, says="from who passes it on to who said it, parted by >"),
                    "stance": Word(tuple(Stance)),
                    "words": Text(20_000, says="as they stand in the text"),
                    "number": Text(60, says="such as 12, at least 12, 10-20; a dash for none"),
                    "unit": Text(200, says="a dash for none"),
                    "event": answers.HEX,
                    "topic": Word(tuple(Topic)),
                    "new_claim": Text(LONGEST_REASON, 1),
                    "reason": Text(LONGEST_REASON, says="why it is rejected"),
                },
            ),
        ),
        deciding.proposal,
    ),
    call(
        "/claims",
        READERS,
        Call("claims", "The claims of the case.", Scope.READ, answers.CLAIMS, _PARTS),
        looking.claims,
    ),
    call(
        "/claims/{number}",
        READERS,
        _look("claim", "One claim: who says what to it, its assessments, its revision.", answers.ONE_CLAIM),
        looking.claim,
    ),
    call(
        "/claims/{number}/filings",
        WORKERS,
        Call(
            "file",
            "Merge a claim into another one, take it apart again, or move a statement to another claim."
            " `about` is the claim, one that was merged into it, or a statement; it is filed under the claim"
            " `to`, or by itself if `alone`, or, a statement, under a `new_claim` of these words.",
            Scope.WRITE,
            answers.FILED,
            takes=Fields(
                {"about": answers.DIGEST, "reason": _REASON, "seen": answers.REVISION},
                {
                    "to": Text(100, 1, says="the number of a claim, its words or its name"),
                    "alone": Truth(),
                    "new_claim": Text(LONGEST_CLAIM, 1, says="what a statement says that is split off"),
                },
            ),
        ),
        deciding.filed,
    ),
    call(
        "/filings",
        WORKERS,
        Call(
            "filings",
            "The rulings on what counts under which claim, in the order of the log; the latest one counts.",
            Scope.READ,
            answers.FILINGS,
            _PARTS,
        ),
        looking.filings,
    ),
    call(
        "/filings/{name}/taken-back",
        WORKERS,
        Call(
            "take filing back",
            "A ruling taken back by a further one that puts in force what counted before. 409 if a later one"
            " on the same thing stands: take that one back first.",
            Scope.WRITE,
            answers.FILED,
            takes=Fields({"reason": _REASON}),
        ),
        deciding.unfiled,
    ),
    call(
        "/labels",
        READERS,
        Call(
            "labels",
            "Marks and ratings that stand, on an exhibit or on all; masks are not among them.",
            Scope.READ,
            answers.LABELS,
            {"exhibit": answers.EXHIBIT, **_PARTS},
        ),
        looking.labels,
    ),
    call(
        "/labels",
        WORKERS,
        Call(
            "label",
            "The same label, or how graphic they are, on several exhibits: all or none, and none if somebody"
            " has marked one of them `since`.",
            Scope.WRITE,
            answers.LABELLED,
            takes=Fields(
                {
                    "exhibits": Listed(answers.EXHIBIT, MOST_AT_ONCE),
                    "sort": Word(SORTS),
                    "since": answers.SINCE,
                },
                {"text": Text(LONGEST_LABEL, 1, says="of a label"), "level": Whole(0, 4, says="of `level`")},
            ),
        ),
        deciding.labelled,
    ),
    call(
        "/labels/taken-back",
        WORKERS,
        Call(
            "take labels back",
            "Labels and levels taken back, each by a decision of its own; what counted before counts again.",
            Scope.WRITE,
            answers.LABELLED,
            takes=Fields(
                {"records": Listed(answers.DIGEST, MOST_AT_ONCE), "since": answers.SINCE},
                {"reason": Text(LONGEST_LABEL, says="why; it stays on record")},
            ),
        ),
        deciding.unlabelled,
    ),
    call(
        "/claims/{number}/assessments",
        WORKERS,
        Call(
            "assess",
            "An assessment in the name of your owner: a person concludes, a program passes it on.",
            Scope.WRITE,
            answers.FILED,
            takes=Fields(
                {
                    "status": Word(tuple(Status)),
                    "reasons": _REASONS,
                    "rests_on": Listed(Text(100, 1), 50, "statements by name, exhibits by number"),
                    "seen": answers.REVISION,
                },
                {"likelihood": Word(tuple(Likelihood))},
            ),
        ),
        deciding.assessed,
    ),
    call(
        "/assessments",
        READERS,
        Call(
            "assessments",
            "Every assessment, with who read it again.",
            Scope.READ,
            answers.ASSESSMENTS,
            _PARTS,
        ),
        looking.assessments,
    ),
    call(
        "/assessments/{name}/rereadings",
        REVIEWERS,
        Call(
            "read again",
            "A second reading of somebody else's assessment.",
            Scope.WRITE,
            answers.FILED,
            takes=Fields(
                {"concurrence": Word(tuple(Concurrence)), "reasons": _REASONS, "seen": answers.REVISION}
            ),
        ),
        deciding.reread,
    ),
    call(
        "/counts",
        READERS,
        _look("counts", "Every reported number over time, lineage by lineage.", answers.COUNTS),
        looking.counts,
    ),
    call(
        "/numbers",
        READERS,
        _look("numbers", "The numbers in short, and what marks on pictures prove at least.", answers.NUMBERS),
        looking.numbers,
    ),
    call(
        "/brief",
        READERS,
        Call(
            "brief",
            "The brief as it would be written now, and every rule that it breaks.",
            Scope.READ,
            answers.BRIEF,
            {"language": Word(tuple(BRIEFS))},
        ),
        looking.brief,
    ),
    call(
        "/brief/editions",
        WORKERS,
        Call("editions", "The saved versions of the brief.", Scope.READ, answers.EDITIONS, _PARTS),
        editions.editions,
    ),
    call(
        "/brief/editions/{version}",
        WORKERS,
        _look(
            "edition",
            "One version of the brief as it is typed, with whose each sentence is and what it rests on."
            " Version 0 is the brief as it is made while nobody has edited it.",
            answers.ONE_EDITION,
        ),
        editions.edition,
    ),
    call(
        "/brief/editions",
        WORKERS,
        Call(
            "edit",
            "A version of the brief: all of its sections in their order, each as it is typed. A sentence that"
            " stays as it was stays whose it was; what one rests on has to be in the case.",
            Scope.WRITE,
            answers.EDITED,
            takes=Fields(
                {
                    "sections": Listed(
                        Fields(
                            {"chapter": Word(tuple(Chapter)), "text": Text(LONGEST_SECTION)},
                            {"title": Text(LONGEST_TITLE, says="of a section of one's own")},
                        ),
                        MOST_ROWS,
                        "a section that is not sent is left out",
                    ),
                    "seen": Text(
                        pattern=r"(?:sha256:[0-9a-f]{64})?",
                        says="the `edition` that you began from; empty if there was none",
                    ),
                },
                {"reason": Text(LONGEST_OF_EDITION, says="needed if a section is left out")},
            ),
        ),
        editions.edited,
    ),
    call(
        "/brief/references",
        WORKERS,
        Call(
            "references",
            "What a sentence of the brief can rest on that holds some words, with its name for the braces.",
            Scope.READ,
            answers.REFERENCES,
            {"words": Text(200), "kind": Word(REFERENCES)},
        ),
        editions.references,
    ),
    call(
        "/estimates",
        READERS,
        Call(
            "estimates",
            "Every estimate of how many there are in all, with each method, its interval and diagnostics;"
            " a refusal is told as one.",
            Scope.READ,
            answers.ESTIMATES,
            _PARTS,
        ),
        looking.estimates,
    ),
    call(
        "/lists",
        WORKERS,
        Call(
            "linkings",
            "Each time that lists of persons were linked, the newest first: counts, and nobody's name.",
            Scope.READ,
            answers.LINKINGS,
            _PARTS,
        ),
        looking.linked,
    ),
    call(
        "/codes",
        WORKERS,
        Call("codes", "The lists of codes that were read.", Scope.READ, answers.CODES, _PARTS),
        looking.codes,
    ),
    call(
        "/log",
        KEEPERS,
        Call(
            "log",
            "The custody log, the newest entries first.",
            Scope.CUSTODY,
            answers.LOG,
            _PARTS,
        ),
        looking.log,
    ),
    call(
        "/search",
        READERS,
        Call(
            "search",
            "Where words stand in readable texts, letter case aside, in the order of the exhibits.",
            Scope.READ,
            answers.FOUND,
            {"words": Text(200, 1), "limit": _PARTS["limit"]},
        ),
        looking.search,
    ),
    call(
        "/releases",
        WORKERS | KEEPERS,
        _look(
            "releases",
            "Which acts need the word of a second person, and what was asked of one. To grant or decline"
            " takes a person at the desk, with their passphrase.",
            answers.RELEASES,
        ),
        looking.releases,
    ),
    call(
        "/releases",
        WORKERS | KEEPERS,
        Call(
            "ask for a release",
            "A request to a second person for one act on some things.",
            Scope.WRITE,
            answers.RELEASE,
            takes=Fields(
                {"act": Word(tuple(Sensitive)), "reason": Text(LONGEST_WHY, 1)},
                {
                    "about": Listed(
                        Text(80, 1),
                        MOST_ABOUT,
                        "exhibits by number, or records by digest; of a package left out for the whole case",
                    )
                },
            ),
        ),
        deciding.release,
    ),
    *_talk("/exhibits/{exhibit}", "exhibit"),
    *_talk("/claims/{number}", "claim"),
)
