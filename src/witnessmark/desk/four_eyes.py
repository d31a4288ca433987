"""Four eyes: what one person asks for with a reason, and another one grants or declines, before it is done.

Which acts need that is the case's policy. Policy, requests, answers and what they were used for are entries
of the log and nothing else: whoever reads the log sees who wanted what, who let them, and why. A request that
nobody answers ends by itself, and a grant is good once, for what was asked, for whoever asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from witnessmark.errors import OutdatedError, RefusedError, UsageError
from witnessmark.model import Action, Agent, Digest, Facts
from witnessmark.ports import Case, Transaction
from witnessmark.preserve.custody import Custodian

WAITS = timedelta(days=3)
"""How long a request waits for an answer."""
GOOD_FOR = timedelta(days=1)
"""How long a grant can be used."""
LONGEST_REASON = 300
MOST_ABOUT = 500
"""How many things one request can name."""
MOST_TOLD = 200
_ASKED, _GRANTED, _DECLINED = "release.asked", "release.granted", "release.declined"
_USED, _POLICY = "release.used", "release.policy"


class Sensitive(StrEnum):
    """What can need a second person."""

    ORIGINAL = "original"
    """The original of an exhibit of level 2 and above is taken out; what nobody rated counts as 3."""
    PACKAGE = "package"
    """A package holds sources, originals of level 2 and above, or originals of pictures that have masks."""
    ERASE = "erase"
    """Something is destroyed."""
    POLICY = "policy"
    """Fewer acts need a second person than before; that always needs one."""


class State(StrEnum):
    """How a request stands."""

    WAITS = "waits"
    GRANTED = "granted"
    DECLINED = "declined"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, by the entry of the log that says so, and what became of it."""

    number: int
    act: Sensitive
    about: tuple[Digest, ...]
    asker: Agent
    reason: str
    asked_at: datetime
    state: State
    until: datetime
    other: Agent | None = None
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FourEyes:
    """The requests of a case, and the one person of two who is at work."""

    case: Case
    custodian: Custodian

    def policy(self) -> frozenset[Sensitive]:
        """The acts that need a second person now."""
        said = self.case.acts(_POLICY)
        if not said:
            return frozenset()
        return frozenset(Sensitive(word) for word in self.case.action(said[-1]).detail["acts"])

    def requests(self) -> Sequence[Request]:
        """The latest requests, the newest first, each as it stands now."""
        answers, uses = self._answers(), self._uses()
        return [
            self._request(index, answers, uses) for index in self.case.acts(_ASKED)[: -MOST_TOLD - 1 : -1]
        ]

    def request(self, number: int) -> Request:
        """One request; UsageError if there is none of that number."""
        if number not in self.case.acts(_ASKED):
            raise UsageError(f"{number} is no request", advice="`witnessmark release` lists them")
        return self._request(number, self._answers(), self._uses())

    def ask(self, act: Sensitive, about: Sequence[Digest], reason: str) -> Request:
        """The request for an act on some exhibits or records; a package may be asked for as a whole."""
        if not about and act not in (Sensitive.PACKAGE, Sensitive.POLICY):
            raise UsageError("say what it is about", advice="name exhibits, or records by their digest")
        if len(about) > MOST_ABOUT:
            raise UsageError(f"a request names at most {MOST_ABOUT} things", advice="ask in parts")
        detail = Facts(act=act.value, reason=_reason(reason))
        with self.case.transaction() as transaction:
            index = transaction.append(
                self.custodian.act(_ASKED, used=tuple(dict.fromkeys(about)), detail=detail)
            )
        return self.request(index)

    def answer(self, number: int, reason: str, *, grants: bool) -> Request:
        """The request as answered by somebody who did not make it; OutdatedError if it waits no more."""
        kind, reason = (_GRANTED if grants else _DECLINED), _reason(reason)
        with self.case.transaction() as transaction:
            found = self.request(number)
            if found.asker == self.custodian.performer and grants:
                raise RefusedError("nobody grants what they asked for", advice="let another person decide")
            if found.state is not State.WAITS:
                raise OutdatedError(f"request {number} does not wait any more: {found.state.value}")
            detail = Facts(request=number, reason=reason)
            transaction.append(self.custodian.act(kind, used=found.about, detail=detail))
        return self.request(number)

    def require(self, acts: Collection[Sensitive]) -> None:
        """From now on these acts need a second person; one act fewer needs the grant of one itself."""
        with self.case.transaction() as transaction:
            if not self.policy() <= frozenset(acts):
                self._use(transaction, Sensitive.POLICY, ())
            said = Facts(acts=[one.value for one in Sensitive if one in acts])
            transaction.append(self.custodian.act(_POLICY, detail=said))

    def use(self, act: Sensitive, about: Iterable[Digest]) -> None:
        """Pass if the act needs nobody else, or use up the grant that there is; else RefusedError.

        What it is about is asked for only where a second person is needed.
        """
        wanted = tuple(about) if act in self.policy() else ()
        if wanted:
            with self.case.transaction() as transaction:
                self._use(transaction, act, wanted)

    def has_grant(self, act: Sensitive, about: Collection[Digest]) -> bool:
        """Whether whoever is at work could do it now."""
        return act not in self.policy() or self._grant(act, about) is not None

    # --- inner

    def _use(self, transaction: Transaction, act: Sensitive, about: Collection[Digest]) -> None:
        found = self._grant(act, about)
        if found is None:
            raise RefusedError(
                f"this needs the word of a second person ({act.value}), and there is none for you",
                advice=f"ask for it: `witnessmark release --ask {act.value}`, or the page Releases",
            )
        transaction.append(self.custodian.act(_USED, used=found.about, detail=Facts(request=found.number)))

    def _grant(self, act: Sensitive, about: Collection[Digest]) -> Request | None:
        """A grant for whoever is at work that covers all of `about`."""
        for one in self.requests():
            is_mine = one.act is act and one.asker == self.custodian.performer
            is_whole = not one.about and act in (Sensitive.PACKAGE, Sensitive.POLICY)
            if is_mine and one.state is State.GRANTED and (is_whole or set(about) <= set(one.about)):
                return one
        return None

    def _answers(self) -> dict[int, Action]:
        """What was answered, by request; what came first counts."""
        found: dict[int, Action] = {}
        for index in sorted((*self.case.acts(_GRANTED), *self.case.acts(_DECLINED))):
            act = self.case.action(index)
            found.setdefault(int(act.detail["request"]), act)
        return found

    def _uses(self) -> set[int]:
        return {int(self.case.action(index).detail["request"]) for index in self.case.acts(_USED)}

    def _request(self, index: int, answers: dict[int, Action], uses: set[int]) -> Request:
        asked, now = self.case.action(index), self.custodian.clock.now()
        found = Request(
            index, Sensitive(asked.detail["act"]), asked.used, asked.performer, asked.detail["reason"],
            asked.at, State.WAITS, asked.at + WAITS,
        )  # fmt: skip
        answer = answers.get(index)
        if answer is not None:
            is_granted = answer.type == _GRANTED
            found = replace(
                found,
                state=State.GRANTED if is_granted else State.DECLINED,
                until=answer.at + GOOD_FOR if is_granted else answer.at,
                other=answer.performer,
                answer=answer.detail["reason"],
                answered_at=answer.at,
            )
        if index in uses:
            return replace(found, state=State.USED)
        is_open = found.state in (State.WAITS, State.GRANTED)
        return replace(found, state=State.EXPIRED) if is_open and now > found.until else found


def _reason(given: str) -> str:
    reason = " ".join(given.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise UsageError(f"say why, in 1 to {LONGEST_REASON} signs; it stays on record")
    return reason


def request_facts(case: Case, one: Request) -> dict[str, object]:
    """A request as programs are told it: exhibits by their numbers, records by their digests."""
    return {
        "request": one.number,
        "act": one.act.value,
        "state": one.state.value,
        "about": [case.exhibit_of(digest) or digest.hex for digest in one.about],
        "asked_by": one.asker.name,
        "asked_at": one.asked_at.isoformat(),
        "reason": one.reason,
        "until": one.until.isoformat(),
        "answered_by": one.other and one.other.name,
        "answered_at": one.answered_at and one.answered_at.isoformat(),
        "answer": one.answer,
    }


def request_line(case: Case, one: Request) -> str:
    """A request in one line."""
    about = ", ".join(str(case.exhibit_of(digest) or digest) for digest in one.about) or "the whole case"
    told = f"{one.number} {one.act.value} of {about}, {one.state.value}: {one.asker.name} asked, {one.reason}"
    return f"{told}; {one.other.name} said, {one.answer}" if one.other is not None else told
