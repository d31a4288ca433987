"""The office: what all pages share while the service runs, and one visit of a person to one page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from witnessmark.desk import Desk
from witnessmark.desk.addresses import Addresses
from witnessmark.desk.browsing import Fresh
from witnessmark.desk.claims import Claims
from witnessmark.desk.gallery import Views
from witnessmark.desk.references import References
from witnessmark.desk.searching import Words
from witnessmark.desk.weighing import Around
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Facts, person
from witnessmark.publish.lint import Fault
from witnessmark.publish.words import LANGUAGES as BRIEFS
from witnessmark.web.accounts import Account, Accounts
from witnessmark.web.factors import FactorBook
from witnessmark.web.live import Live
from witnessmark.web.preparing import Preparing
from witnessmark.web.roles import WORKERS, Role
from witnessmark.web.searches import FILE_NAME as SEARCHES_FILE
from witnessmark.web.searches import Searches
from witnessmark.web.sent import Sent
from witnessmark.web.sessions import Attempts, Session, Sessions, same
from witnessmark.web.tokens import Token, Tokens
from witnessmark.web.words import LANGUAGES, words_in

QUICK, LONG = 2, 6
"""How many visits are answered at once: of those that are soon over, and of those that may take long.

Few threads serve quick ones best, since only one of them computes at a time; and no long one is in their way.
"""
MOST_UPLOADS = 3
"""How many forms with files are received, or taken in, at once."""
T = TypeVar("T")
_MOST_FIELDS = 300
_MOST_ANSWERS = 1_000
_UNKNOWN = object()
Draft = tuple[Mapping[str, bytes], Sequence[Fault]]
"""A brief as it would be written now: its files, and every rule that it breaks."""


@dataclass(frozen=True, slots=True)
class Office:
    """One case, served: its desk, who may come in, and who is in."""

    desk: Desk
    accounts: Accounts
    tokens: Tokens
    factors: FactorBook
    port: int
    clock_s: Callable[[], float] = time.monotonic
    patience_s: float = 2.0
    """How long after something was begun beside a page still waits for it, before it says so."""
    sessions: Sessions = field(init=False)
    attempts: Attempts = field(init=False)
    live: Live = field(init=False)
    around: Around = field(default_factory=Around, init=False)
    weighed: Fresh[Claims] = field(init=False)
    counted: Fresh[Mapping[str, Any]] = field(init=False)
    dated: Fresh[Mapping[str, Any]] = field(init=False)
    answers: Fresh[dict[object, Any]] = field(init=False)
    asking: dict[object, Lock] = field(default_factory=dict, init=False)
    words: Words = field(init=False)
    addresses: Addresses = field(init=False)
    references: References = field(init=False)
    views: Views = field(default_factory=Views, init=False)
    receiving: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_UPLOADS), init=False)
    taking: Lock = field(default_factory=Lock, init=False)
    searches: Searches = field(init=False)
    drafts: Mapping[str, Fresh[Draft]] = field(init=False)
    working: dict[object, tuple[Future[Any], float]] = field(default_factory=dict, init=False)
    beginning: Lock = field(default_factory=Lock, init=False)

    quick_threads: ThreadPoolExecutor = field(init=False)
    long_threads: ThreadPoolExecutor = field(init=False)
    preparing: Preparing = field(default_factory=Preparing, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quick_threads", ThreadPoolExecutor(QUICK, "visit"))
        object.__setattr__(self, "long_threads", ThreadPoolExecutor(LONG, "long visit"))
        object.__setattr__(self, "sessions", Sessions(self.clock_s))
        object.__setattr__(self, "attempts", Attempts(self.clock_s))
        case = self.desk.case
        object.__setattr__(self, "live", Live(case, self.clock_s))
        object.__setattr__(self, "weighed", Fresh[Claims](case))
        object.__setattr__(self, "counted", Fresh[Mapping[str, Any]](case))
        object.__setattr__(self, "dated", Fresh[Mapping[str, Any]](case))
        object.__setattr__(self, "answers", Fresh[dict[object, Any]](case))
        object.__setattr__(self, "words", Words(case, self.desk.likeness.beside("words")))
        object.__setattr__(self, "addresses", Addresses(case))
        object.__setattr__(self, "references", References(case))
        beside = self.desk.required_keys().folder / SEARCHES_FILE
        object.__setattr__(self, "searches", Searches(beside))
        object.__setattr__(self, "drafts", {language: Fresh[Draft](case) for language in BRIEFS})

    async def soon(self, work: Callable[..., T], *given: object) -> T:
        """What `work` gives that is soon over, done in a thread; each keeps its connection to the case."""
        return await asyncio.get_running_loop().run_in_executor(self.quick_threads, work, *given)

    async def patiently(self, work: Callable[..., T], *given: object) -> T:
        """What `work` gives that may take long, done where nothing that is soon over waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self.long_threads, work, *given)

    def close(self) -> None:
        """Let nobody in any more; the desk is closed by whoever opened it."""
        self.preparing.end()
        self.quick_threads.shutdown()
        self.long_threads.shutdown()
        self.words.close()
        self.references.close()

    def claims(self, since: int | None = None) -> Claims:
        """The claims as they stand, weighed by one who asks for all; `since` as `answered` has it."""
        return self.weighed.now(lambda: Claims.of(self.desk.case, self.around), since)

    def drafted(self, language: str, make: Callable[[], Draft]) -> Draft | None:
        """The brief as it would be written now; None while it is being written beside."""
        return self.beside(("brief", language), lambda: self.drafts[language].now(make))

    def beside(self, what: object, work: Callable[[], T]) -> T | None:
        """What `work` gives, if it is soon done; None while it is done beside, once for all who ask.

        Whoever asks again when it is done has it, from what `work` has kept meanwhile: it is asked once more,
        since it may be out of date. If it failed, the next who asks is told why.
        """
        with self.beginning:
            for each, (other, _) in list(self.working.items()):
                if each != what and other.done():  # nobody came back for it
                    self.working.pop(each, None)
            job, begun = self.working.get(what, (None, 0.0))
            if job is None or (job.done() and job.exception() is None):
                job, begun = self.long_threads.submit(work), time.monotonic()
                self.working[what] = job, begun
        left_s = begun + self.patience_s - time.monotonic()
        if not wait([job], max(0.0, left_s)).done:
            return None
        self.working.pop(what, None)
        given: T = job.result()
        return given

    def answered(self, question: object, answer: Callable[[], T], since: int | None = None) -> T:
        """What was answered to a question, as long as nothing came in that bears on it.

        `since` is how many entries the log is known to have, if it need not be asked for once more.
        """
        known = self.answers.now(dict, since)
        if (given := known.get(question, _UNKNOWN)) is not _UNKNOWN:
            found: T = given
            return found
        try:
            with self.asking.setdefault(question, Lock()):  # who asks the same meanwhile waits
                if (given := known.get(question, _UNKNOWN)) is _UNKNOWN:
                    given = answer()
                    if len(known) >= _MOST_ANSWERS:
                        known.clear()
                    known[question] = given
        finally:
            self.asking.pop(question, None)
        made: T = given
        return made

    @property
    def cookie(self) -> str:
        """The name of the cookie: cookies ignore ports, so that two desks on one machine need two names."""
        return f"desk-{self.port}"

    def admit(self, account: Account, how: str, language: str) -> str:
        """The token of a new session of a person; that they came in is an entry of the log."""
        desk = self.desk.at_work(person(account.name))
        desk.note("desk.entered", Facts(how=how, roles=[role.value for role in account.roles]))
        return self.sessions.begin(account, desk, language)

    def still_in(self, session: Session) -> bool:
        """Whether a session lives and its account is open; to ask this is no sign of life."""
        return self.sessions.lives(session) and self.accounts.named(session.account.name) is not None

    def caller(self, token: Token, account: Account) -> Session:
        """The session of a program; that it came in is an entry of the log, once while the service runs."""
        session, is_new = self.sessions.of_program(token.name, account, self.desk.at_work)
        if is_new:
            how, scopes = f"token {token.name}", [scope.value for scope in token.scopes]
            session.desk.note("desk.entered", Facts(how=how, scopes=scopes))
        return session

    def first_link(self, name: str | None) -> tuple[str, str | None]:
        """The path of the one-time link of this start, if it lets anyone in, and whom."""
        if not self.accounts.all():
            return f"/enter/{self.sessions.link(None)}", None
        account = None if name is None else self.accounts.named(name)
        if account is None:
            return "/", None
        return f"/enter/{self.sessions.link(account.name)}", account.name


@dataclass(slots=True)
class Visit:
    """One request of a person, or of somebody who is not in yet."""

    office: Office
    request: Request
    session: Session | None
    fields: Mapping[str, str]
    language: str
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    question: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    since: int = 0
    sent: Sent | None = None

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the page in the visitor's language."""
        return words_in(self.language)

    @property
    def roles(self) -> frozenset[Role]:
        """What the visitor is here to do; nothing, if they are not in."""
        return frozenset() if self.session is None else frozenset(self.session.account.roles)

    @property
    def works(self) -> bool:
        """Whether the visitor works with the material."""
        return bool(self.roles & WORKERS)

    @property
    def desk(self) -> Desk:
        """The desk that acts in the visitor's name."""
        return self.required.desk

    @property
    def required(self) -> Session:
        """The session; RefusedError for whoever has none."""
        if self.session is None:
            raise RefusedError("nobody is signed in", advice="sign in first")
        return self.session

    def answered(self, question: object, answer: Callable[[], T]) -> T:
        """What was answered to a question, if nothing bears on it that came in before this visit."""
        return self.office.answered(question, answer, self.since or None)

    def path(self, name: str) -> str:
        """A part of the address that the endpoint names."""
        return str(self.request.path_params[name])

    def asked(self, name: str) -> str:
        """A field of the question in the address, empty if it was not asked."""
        return self.request.query_params.get(name, "")

    def number(self, name: str, usual: int = 0) -> int:
        """A whole number of the question in the address, not below 0."""
        value = self.asked(name)
        if not value:
            return usual
        if not (value.isascii() and value.isdecimal() and len(value) < 12):
            raise UsageError(f"{value[:40]!r} is not a number")
        return int(value)


def session_of(office: Office, request: Request) -> Session | None:
    """Who asks, by the cookie."""
    token = request.cookies.get(office.cookie)
    session = None if token is None else office.sessions.of(token)
    if session is not None:
        account = office.accounts.named(session.account.name)
        if account is None:
            office.sessions.end(session)
            return None
        session.account = account  # roles may have been changed meanwhile
    return session


async def visit_of(office: Office, request: Request) -> Visit:
    """The visit that a request is; RefusedError for a form that was not sent from one of our pages."""
    session = session_of(office, request)
    fields: Mapping[str, str] = {}
    listed: dict[str, tuple[str, ...]] = {}
    if request.method not in ("GET", "HEAD"):
        fields, listed = await _fields(request)
        if session is not None and not same(fields.get("form", ""), session.form_token):
            raise RefusedError("this form has gone stale", advice="load the page again, then send it again")
    return Visit(office, request, session, fields, language_of(request, session), listed)


async def _fields(request: Request) -> tuple[Mapping[str, str], dict[str, tuple[str, ...]]]:
    try:
        body = await request.body()
    except ClientDisconnect as error:
        raise UsageError("the request broke off") from error
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise UsageError("the form cannot be read") from error
    listed: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        listed[name] = (*listed.get(name, ()), value)
    return {name: values[-1] for name, values in listed.items()}, listed


def language_of(request: Request, session: Session | None) -> str:
    """The language of whoever asks: what they chose, or what the address or their browser wishes."""
    if session is not None:
        return session.language
    asked = request.query_params.get("language", "")
    if asked in LANGUAGES:
        return asked
    for wish in request.headers.get("accept-language", "").split(","):
        code = wish.split(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


def go(path: str) -> Response:
    """On to another page of the desk."""
    return RedirectResponse(path, 303)
