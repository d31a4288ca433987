"""RFC 3161 on the wire: queries, replies, and the certificates behind them, through rfc3161-client.

The library's builders share their lists between copies, so every use here makes a fresh one. It
judges certificates at the time that a token states; whether they are still good is for the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import ParamSpec, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client._rust import parse_timestamp_request

from witnessmark.errors import IntegrityError, MalformedError

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_LONGEST_PATH = 8
# What the library and x509 let through when bytes only look like a reply, found by mutating good ones.
_UNREADABLE = (
    *(ValueError, LookupError, TypeError, ArithmeticError, AssertionError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
    Warning,  # where warnings are errors, a certificate that only nearly keeps the rules raises one
)
_SAID = re.compile(r'(?:reason|data): "(?:Verify error: )?([^"]+)"')

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for: a stamp over a SHA-256 hash, with a number that only this question has."""

    imprint: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply taken apart; its time means nothing until `verify` has passed."""

    time: datetime
    imprint: bytes
    nonce: int | None
    signer: x509.Certificate
    embedded: tuple[x509.Certificate, ...]
    response: TimeStampResponse

    def verify(self, roots: Iterable[x509.Certificate]) -> None:
        """Pass if the token is signed, by a certificate for stamping, valid then, under one of `roots`."""
        given = list(dict.fromkeys(roots))
        if not given:
            raise IntegrityError("no root certificate is given")
        try:
            VerifierBuilder(roots=given).build().verify(self.response, self.imprint)
        except (VerificationError, *_UNREADABLE) as error:
            reasons = dict.fromkeys(_SAID.findall(str(error))) or (str(error),)
            raise IntegrityError(": ".join(reasons)) from error

    def path(self, given: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
        """The certificates from the one that signed up to a root among `given`; IntegrityError if none."""
        given = tuple(given)
        path = [self.signer]
        while len(path) < _LONGEST_PATH:
            above = [one for one in (*given, *self.embedded) if one not in path and _issued(one, path[-1])]
            if roots := [one for one in above if one in given and is_root(one)]:
                return (*path, max(roots, key=_end))
            if not above:
                break
            path.append(max(above, key=_end))
        raise IntegrityError(f"the certificate {name_of(path[-1])} leads to no root that is given")


def new_query(content: bytes) -> bytes:
    """A query for a stamp over `content`: SHA-256, a fresh nonce, certificates wanted in the reply."""
    builder = TimestampRequestBuilder(content, HashAlgorithm.SHA256, nonce=True, cert_req=True)
    return builder.build().as_bytes()


def read_query(query: bytes) -> Query:
    """What `query` asks for; MalformedError unless it is of the kind that `new_query` makes."""
    parsed = _read(parse_timestamp_request, "the kept query")(query)
    imprint, nonce = parsed.message_imprint, parsed.nonce
    plain = parsed.version == 1 and parsed.policy is None and parsed.cert_req
    if not plain or nonce is None or imprint.hash_algorithm != _SHA256 or parsed.as_bytes() != query:
        raise MalformedError("the kept query is not one that Witnessmark makes")
    return Query(imprint.message, nonce)


def read_reply(untrusted: bytes) -> Reply:
    """The parts of a reply that holds a token; MalformedError with what is wrong if it holds none."""
    return _read(_reply, "the reply")(untrusted)


@lru_cache(maxsize=64)
def read_certificates(files: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    """The certificates in `files`, each in DER or any number of them in PEM."""
    found: list[x509.Certificate] = []
    for content in files:
        if content.startswith(b"\x30"):
            found.append(_read(x509.load_der_x509_certificate, "the certificate")(content))
        else:
            found += _read(x509.load_pem_x509_certificates, "the file of certificates")(content)
    return tuple(dict.fromkeys(found))


def pem_of(certificates: Iterable[x509.Certificate]) -> bytes:
    """`certificates` as one PEM file."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def earliest_end(certificates: Iterable[x509.Certificate]) -> datetime:
    """When the first of `certificates` expires."""
    return min(map(_end, certificates))


def is_root(certificate: x509.Certificate) -> bool:
    """Whether a certificate stands on its own."""
    return certificate.issuer == certificate.subject and _issued(certificate, certificate)


@lru_cache(maxsize=64)
def is_whole(chain: bytes, signer: x509.Certificate) -> bool:
    """Whether a kept chain is as it was written: from `signer` up to a root, each signed by the next."""
    certificates = read_certificates((chain,))
    above = (*certificates[1:], certificates[-1])
    return (
        certificates[0] == signer
        and pem_of(certificates) == chain
        and all(_issued(issuer, issued) for issued, issuer in zip(certificates, above, strict=True))
    )


def name_of(certificate: x509.Certificate) -> str:
    """The subject of a certificate, in one line."""
    return certificate.subject.rfc4514_string()


def _reply(untrusted: bytes) -> Reply:
    response = decode_timestamp_response(untrusted)
    if response.status != 0:
        said = "; ".join(response.status_string) or "no reason given"
        raise MalformedError(f"the authority granted nothing (status {response.status}: {said})")
    stamp, signed = response.tst_info, response.signed_data
    if stamp.message_imprint.hash_algorithm != _SHA256:
        raise MalformedError("the token is over another kind of hash than SHA-256")
    embedded = tuple(x509.load_der_x509_certificate(content) for content in sorted(signed.certificates))
    signers = [
        certificate
        for claimed in signed.signer_infos
        for certificate in embedded
        if (certificate.issuer, certificate.serial_number) == (claimed.issuer, claimed.serial_number)
    ]
    if len(signers) != 1:
        raise MalformedError("the token does not hold the one certificate that it was signed with")
    nonce: int | None = stamp.nonce
    return Reply(stamp.gen_time, stamp.message_imprint.message, nonce, signers[0], embedded, response)


def _read(reader: Callable[P, R], what: str) -> Callable[P, R]:
    def read(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return reader(*arguments, **named)
        except _UNREADABLE as error:
            raise MalformedError(f"{what} cannot be read: {error}") from error

    return read


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _end(certificate: x509.Certificate) -> datetime:
    return certificate.not_valid_after_utc


def imprint_of(content: bytes) -> bytes:
    """The hash by which a token names `content`."""
    return sha256(content).digest()
