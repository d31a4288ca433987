"""Passkeys: in by a device that knows its owner, with nothing that could be guessed or typed elsewhere.

By WebAuthn, with `localhost` as the relying party: browsers use a passkey of it on no other host, and the
desk takes an answer only from its own origin. The device has to verify its owner (a finger, a PIN), so that
a passkey is two factors at once; it is asked for without a pseudonym, so that the door says of nobody
whether they exist. Which make of device it is nobody asks (attestation `none`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from starlette.responses import JSONResponse, Response

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.model import Facts
from witnessmark.web.account import page
from witnessmark.web.entrance import come_in, sign_in_again
from witnessmark.web.factors import Passkey
from witnessmark.web.gate import DESK
from witnessmark.web.office import Visit, go
from witnessmark.web.people import confirmed
from witnessmark.web.sessions import CHALLENGE_S

_NOT_AN_ANSWER = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError)
"""What fido2 raises at an answer that no authenticator gave."""
_REQUIRED = UserVerificationRequirement.REQUIRED


# --- at the door


def begin_sign_in(visit: Visit) -> Response:
    """What any passkey is asked to sign, the same for everyone but for its random bits."""
    wait = visit.office.attempts.wait_s(_address(visit))
    if wait:
        return JSONResponse({"trouble": visit.words["wait"].format(seconds=wait)}, 429)
    challenge = visit.office.sessions.challenge("")
    options, _ = _server(visit).authenticate_begin(user_verification=_REQUIRED, challenge=challenge)
    return JSONResponse(dict(options.public_key))


def sign_in_by_passkey(visit: Visit) -> Response:
    """In, if the answer is signed by a passkey of somebody who may come in; else the same sentence to all."""
    address = _address(visit)
    wait = visit.office.attempts.wait_s(address)
    if wait:
        return sign_in_again(visit, visit.words["wait"].format(seconds=wait), "", 429)
    name = _signed_by(visit, visit.fields.get("answer", ""))
    account = None if name is None else visit.office.accounts.named(name)
    if account is None:
        visit.office.attempts.failed(address)
        return sign_in_again(visit, visit.words["passkey_refused"], "", 403)
    visit.office.attempts.succeeded(address)
    return come_in(visit, account, "passkey")


def _signed_by(visit: Visit, answer: str) -> str | None:
    """Whose passkey gave an answer; None if it is none of ours, or there may be a copy of it."""
    factors = visit.office.factors
    try:
        given = AuthenticationResponse.from_dict(_read(answer))
        challenge = given.response.client_data.challenge
        handle = websafe_encode(given.response.user_handle or b"")
        found = factors.holder(websafe_encode(given.raw_id), handle)
        if not visit.office.sessions.challenged(challenge, "") or found is None:
            return None
        public = AttestedCredentialData(websafe_decode(found[1].public))
        _server(visit).authenticate_complete(_state(challenge), [public], given)
        uses = given.response.authenticator_data.counter
    except _NOT_AN_ANSWER:
        return None
    name, passkey = found
    if not factors.used(name, passkey, uses):
        detail = Facts(factor="passkey", passkey=passkey.name, name=name)
        visit.office.desk.note("factor.doubted", detail)
        return None
    return name


# --- of somebody who is in


def begin_passkey(visit: Visit) -> Response:
    """What a device is asked to make, for the passphrase of whoever is in."""
    confirmed(visit)
    session, factors = visit.required, visit.office.factors
    name, case = session.account.name, visit.desk.case.origin()[0]
    user = PublicKeyCredentialUserEntity(
        id=websafe_decode(factors.handle_of(name)), name=name, display_name=f"{name}, {case[:40]}"
    )
    options, _ = _server(visit).register_begin(
        user,
        [_public(one) for one in factors.of(name).passkeys],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
        challenge=visit.office.sessions.challenge(session.key),
    )
    return JSONResponse(dict(options.public_key))


def add_passkey(visit: Visit) -> Response:
    """From now on the passkey lets its owner in; recovery codes are shown with the first one, this once."""
    session = visit.required
    try:
        given = RegistrationResponse.from_dict(_read(visit.fields.get("answer", "")))
        challenge = given.response.client_data.challenge
        if not visit.office.sessions.challenged(challenge, session.key):
            raise RefusedError("that took too long, or was sent twice", advice="begin again")
        made = _server(visit).register_complete(_state(challenge), given)
    except _NOT_AN_ANSWER as error:
        raise MalformedError("the device did not make a passkey", advice="begin again") from error
    public = made.credential_data
    if public is None:
        raise MalformedError("the device did not make a passkey", advice="begin again")
    passkey, recovery = visit.office.factors.add_passkey(
        session.account.name,
        visit.fields.get("label", ""),
        websafe_encode(public.credential_id),
        websafe_encode(public),
        made.counter,
    )
    visit.desk.note("factor.added", Facts(factor="passkey", passkey=passkey.name))
    return page(visit, None, recovery)


def end_passkey(visit: Visit) -> Response:
    """Nobody gets in by a passkey any more, for the passphrase of its owner."""
    confirmed(visit)
    passkey = visit.fields.get("passkey", "")
    visit.office.factors.end_passkey(visit.required.account.name, passkey)
    visit.desk.note("factor.ended", Facts(factor="passkey", passkey=passkey))
    return go("/account")


# --- inner


def _server(visit: Visit) -> Fido2Server:
    own = f"http://{DESK}:{visit.office.port}"
    server: Any = Fido2Server(
        PublicKeyCredentialRpEntity(id=DESK, name="Witnessmark"),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == own,
    )
    server.timeout = CHALLENGE_S * 1_000
    made: Fido2Server = server
    return made


def _state(challenge: bytes) -> Mapping[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _REQUIRED}


def _public(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(passkey.public))


def _read(answer: str) -> Mapping[str, Any]:
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("an answer is an object")
    return read


def _address(visit: Visit) -> str:
    return f"address {visit.request.client.host if visit.request.client else ''}"
