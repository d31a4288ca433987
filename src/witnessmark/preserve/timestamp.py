"""Time stamps (RFC 3161): someone outside says that our bytes existed not later than now.

Only checkpoints are stamped; one token over the note that the log signed covers every entry below
it. A first stamp covers exactly the bytes of that note. A renewal covers the bytes of the note
followed by the bytes of the earlier reply (RFC 4998), so that

    cat checkpoint earlier.tsr > covered
    openssl ts -verify -data covered -in renewed.tsr -CAfile roots.pem

is the outside check of it. A token is good while the certificates behind it are. One that expired
is good only if a renewal, itself good, shows that it was there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, UnavailableError, UsageError
from witnessmark.model import CheckState, Digest, Facts
from witnessmark.ports import TimestampAuthority, Token
from witnessmark.preserve import tsp
from witnessmark.preserve.posting import Post, naming, read_url
from witnessmark.tlog import Checkpoint

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
KEPT = "token.kept"
"""The type of the entry by which the log names the bytes of a token."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NO_GOOD = (MalformedError, IntegrityError)


@dataclass(frozen=True, slots=True)
class Checked:
    """How a token stands, why, and the time that it states, to the second: None unless it holds."""

    state: CheckState
    detail: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stamped:
    """The tokens that were got, and a sentence for each authority that gave none."""

    tokens: tuple[Token, ...]
    failures: tuple[str, ...]


class HttpAuthority:
    """A time-stamp authority at an address; `roots` are the certificates (DER or PEM) it is trusted under."""

    def __init__(self, name: str, url: str, roots: tuple[bytes, ...], post: Post) -> None:
        if not _NAME.fullmatch(name):
            raise UsageError(f"a time-stamp authority cannot be called {name!r}; the name will name files")
        read_url(url)
        self.name = name
        self._url = url
        self._roots = tsp.read_certificates(roots)
        self._post = naming(post, f"the time-stamp authority {name}")
        if not any(map(tsp.is_root, self._roots)):
            raise UsageError(f"no root certificate is given for the time-stamp authority {name}")

    def stamp(self, content: bytes) -> Token:
        """A token over `content`, checked under the roots; UnavailableError if there is no usable answer."""
        size, query = _size_of(content), tsp.new_query(content)
        answer = self._post(self._url, query, "application/timestamp-query")
        try:
            if answer.status != 200:
                raise MalformedError(f"HTTP status {answer.status}")
            reply = tsp.read_reply(answer.untrusted)
            _require_answer(reply, query, content)
            reply.verify(self._roots)
            path = reply.path(self._roots)
        except _NO_GOOD as error:
            raise UnavailableError(
                f"the time-stamp authority {self.name} gave no usable token: {error}",
                advice="nothing was kept of it; try again later, or ask the authority",
            ) from error
        return Token(size, self.name, 1, query, answer.untrusted, tsp.pem_of(path), tsp.earliest_end(path))


def kept_as(token: Token) -> Facts:
    """What the log says of a token: which one it is, and the digests of its files.

    They show later changes, and say nothing more: a token has bytes that its signature does not cover.
    """
    return Facts(
        checkpoint_size=token.checkpoint_size,
        authority=token.authority,
        serial=token.serial,
        request=Digest.of(token.request),
        reply=Digest.of(token.reply),
        chain=Digest.of(token.chain),
    )


def stamp_all(
    signed: bytes, authorities: Iterable[TimestampAuthority], kept: Iterable[Token] = ()
) -> Stamped:
    """A token over the note `signed` from each authority that has none among those `kept` of it."""
    has = {token.authority for token in kept}
    tokens, failures = [], []
    for authority in authorities:
        if authority.name not in has:
            try:
                tokens.append(authority.stamp(signed))
            except (UnavailableError, RefusedError) as error:
                failures.append(str(error))
    return Stamped(tuple(tokens), tuple(failures))


def renew(
    signed: bytes, tokens: Sequence[Token], due: Iterable[Token], authorities: Sequence[TimestampAuthority]
) -> Stamped:
    """A renewal for each token that is `due`: by the authority that made it, else by another.

    A stamp that would end no later than what it is to renew is not kept, and that is among the failures.
    """
    renewals: list[Token] = []
    failures: list[str] = []
    serial = max((token.serial for token in tokens), default=0)
    for token in due:
        for authority in sorted(authorities, key=lambda one: one.name != token.authority):
            got = stamp_all(signed + token.reply, (authority,))
            failures += got.failures
            lasting = [new for new in got.tokens if _ends_later(new, token)]
            if lasting:
                serial += 1
                renewals.append(replace(lasting[0], serial=serial))
                break
            failures += [
                f"a stamp of {one.authority} would end no later than the old one" for one in got.tokens
            ]
    return Stamped(tuple(renewals), tuple(failures))


def _ends_later(new: Token, old: Token) -> bool:
    return new.expires_at is None or old.expires_at is None or new.expires_at > old.expires_at


def due_for_renewal(
    signed: bytes, tokens: Sequence[Token], now: datetime, margin: timedelta
) -> tuple[Token, ...]:
    """The tokens over one checkpoint that expire within `margin` and that nothing has renewed yet.

    What has expired already is not among them: a stamp made now would come too late for it.
    """
    return tuple(
        token
        for token in tokens
        if token.expires_at is not None
        and now < token.expires_at <= now + margin
        and not any(_renews(later, token, signed) for later in tokens)
    )


def check_token(
    token: Token, content: bytes, roots: tuple[bytes, ...], at: datetime | None = None
) -> Checked:
    """How `token` over `content` stands at the time `at`, for someone who trusts `roots`.

    `at` is now, or a time at which the token is known to have been there already; None takes the
    token's own. From under another root it is not checkable; nor once its certificates expired.
    """
    try:
        reply = tsp.read_reply(token.reply)
        _require_answer(reply, token.request, content)
        chain = tsp.read_certificates((token.chain,))
        if not tsp.is_whole(token.chain, reply.signer):
            raise IntegrityError("the certificates kept with it are damaged")
        expires_at = _expiry_under(reply, tsp.read_certificates(roots))
        if expires_at is None:
            reply.verify(chain)
    except _NO_GOOD as error:
        return Checked(CheckState.BROKEN, f"the token of {token.authority} is no good: {error}")
    if expires_at is None:
        return Checked(
            CheckState.NOT_CHECKABLE,
            f"the token of {token.authority} is sound, but its root {tsp.name_of(chain[-1])} is not given",
        )
    return _standing(token.authority, reply.time, expires_at, at or reply.time)


def check_tokens(
    signed: bytes, tokens: Sequence[Token], roots: tuple[bytes, ...], now: datetime
) -> tuple[tuple[Token, Checked], ...]:
    """How each token over one checkpoint stands now, with its renewals taken into account; newest first."""
    done: list[tuple[Token, Checked]] = []
    for token in sorted(tokens, key=lambda one: (-one.serial, one.authority)):
        try:
            content = content_of(signed, token, tokens)
            checked = check_token(token, content, roots, now)
        except _NO_GOOD as error:
            done.append((token, Checked(CheckState.BROKEN, str(error))))
            continue
        for renewal, standing in done:
            if checked.time is None and standing.time and _renews(renewal, token, signed):
                then = check_token(token, content, roots, standing.time)
                how = f"{then.detail}; expired since, and renewed by {renewal.authority} at {standing.time}"
                checked = replace(then, detail=how) if then.time else checked
        done.append((token, checked))
    return tuple(done)


def content_of(signed: bytes, token: Token, tokens: Iterable[Token]) -> bytes:
    """The bytes that `token` stamps: the note, or it and an earlier reply; IntegrityError if neither."""
    imprint = tsp.read_reply(token.reply).imprint
    for content in (signed, *(signed + earlier.reply for earlier in tokens)):
        if imprint == tsp.imprint_of(content):
            return content
    raise IntegrityError(
        f"the token of {token.authority} (serial {token.serial}) stamps neither the checkpoint of size"
        f" {token.checkpoint_size} nor an earlier token with it: one of them was altered or lost"
    )


def _standing(authority: str, time: datetime, expires_at: datetime, at: datetime) -> Checked:
    if time > at + CLOCKS_MAY_DIFFER:
        return Checked(
            CheckState.NOT_CHECKABLE,
            f"the token of {authority} states {time}, which is after {at}: one of the clocks is wrong",
        )
    if at > expires_at:
        return Checked(
            CheckState.NOT_CHECKABLE,
            f"the token of {authority} holds as of {time} (openssl ts: -attime {time.timestamp():.0f}),"
            f" but its certificate expired at {expires_at} and no renewal shows that it was there before",
        )
    return Checked(CheckState.HOLDS, f"{authority} saw it not later than {time}", time)


def _expiry_under(reply: tsp.Reply, roots: tuple[x509.Certificate, ...]) -> datetime | None:
    try:
        reply.verify(roots)
        return tsp.earliest_end(reply.path(roots))
    except IntegrityError:
        return None


def _require_answer(reply: tsp.Reply, query: bytes, content: bytes) -> None:
    asked = tsp.read_query(query)
    if reply.imprint != tsp.imprint_of(content) or asked.imprint != reply.imprint:
        raise IntegrityError("it is over other bytes")
    if reply.nonce != asked.nonce:
        raise IntegrityError("its nonce is not the one that was asked with")


def _renews(later: Token, earlier: Token, signed: bytes) -> bool:
    try:
        imprint = tsp.read_reply(later.reply).imprint
    except MalformedError:
        return False
    return imprint == tsp.imprint_of(signed + earlier.reply)


def _size_of(content: bytes) -> int:
    text = content.partition(b"\n\n")[0].decode(errors="replace")
    try:
        return Checkpoint.parse(f"{text}\n").size
    except MalformedError as error:
        raise UsageError("only a checkpoint can be time-stamped, and these bytes begin with none") from error
