"""A passkey releases a signature over exactly these bytes: one question, one use, five minutes.

The challenge is the hash of a fresh nonce, the slot, and the SHA-256 of the revision that is to be
signed; so the passkey's answer, which is kept, is itself a signature over the paper.
"""

import json
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from allauth.mfa.webauthn.internal.auth import get_credentials, get_server
from django.db import transaction
from fido2.utils import websafe_encode
from fido2.webauthn import AuthenticationResponse, UserVerificationRequirement

from twinhood.documents.errors import NotReleased, ReleaseProblem, Stale
from twinhood.documents.models import Release, Revision, Signature, Slot
from twinhood.kit import clock
from twinhood.people.models import Person

AGE_MAX = timedelta(minutes=5)
NONCE_BYTES = 32
# What reading a browser's answer raises when it is junk.
JUNK = (KeyError, TypeError, ValueError, AttributeError)


def challenge_for(*, nonce: bytes, field: str, revision_sha256: str) -> bytes:
    """What the passkey signs: anybody who has the paper can compute it again."""
    return sha256(b"twinhood sign 1\n" + nonce + f"{field}\n{revision_sha256}".encode()).digest()


def begin(*, slot: Slot, person: Person, revision: Revision) -> dict[str, Any]:
    """Return what the browser needs (`publicKey` as JSON). Raises NotReleased without a passkey."""
    credentials = get_credentials(person)
    if not credentials:
        raise NotReleased(ReleaseProblem.NO_PASSKEY)
    nonce = secrets.token_bytes(NONCE_BYTES)
    challenge = challenge_for(nonce=nonce, field=slot.field_name, revision_sha256=revision.sha256)
    options, _state = get_server().authenticate_begin(
        credentials=credentials,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    Release.objects.create(
        slot=slot,
        person=person,
        revision=revision,
        challenge=challenge,
        nonce=nonce,
        asked_at=clock.now(),
    )
    plain: dict[str, Any] = json.loads(json.dumps(dict(options)))
    return plain


def answer_in(text: str) -> Any:
    """The passkey's answer as a page sent it (JSON); None if it is junk, which `use` refuses."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def use(*, slot: Slot, person: Person, answer: Any, last: Revision) -> dict[str, Any]:
    """Look at a passkey's answer and use its question up; return what is kept of it.

    Raises NotReleased, and Stale if something was added to the paper meanwhile.
    """
    try:
        response = AuthenticationResponse.from_dict(answer)
        challenge = bytes(response.response.client_data.challenge)
    except JUNK as junk:
        raise NotReleased(ReleaseProblem.WRONG) from junk
    release = _taken(slot, person, challenge)
    if release.revision_id != last.pk:
        raise Stale(last.number)
    state = {"challenge": websafe_encode(challenge), "user_verification": "required"}
    try:
        used = get_server().authenticate_complete(state, get_credentials(person), response)
    except JUNK as junk:
        raise NotReleased(ReleaseProblem.WRONG) from junk
    kept = _kept(release, response)
    _refuse_copies(used.credential_id.hex(), kept["counter"])
    return kept | {"public_key": websafe_encode(_cose(used))}


@transaction.atomic
def _taken(slot: Slot, person: Person, challenge: bytes) -> Release:
    """The question that was asked, used up now whatever comes next."""
    asked = Release.objects.select_for_update().filter(slot=slot, person=person)
    release = asked.filter(challenge=challenge).first()
    if release is None:
        raise NotReleased(ReleaseProblem.UNKNOWN)
    if release.used_at is not None:
        raise NotReleased(ReleaseProblem.USED)
    if clock.now() - release.asked_at > AGE_MAX:
        raise NotReleased(ReleaseProblem.TOO_LATE)
    release.used_at = clock.now()
    release.save(update_fields=["used_at"])
    return release


def _kept(release: Release, response: AuthenticationResponse) -> dict[str, Any]:
    data = response.response.authenticator_data
    return {
        "kind": "passkey",
        "credential": bytes(response.raw_id).hex(),
        "nonce": bytes(release.nonce).hex(),
        "counter": data.counter,
        "client_data": websafe_encode(bytes(response.response.client_data)),
        "authenticator_data": websafe_encode(bytes(data)),
        "signature": websafe_encode(bytes(response.response.signature)),
    }


def _refuse_copies(credential: str, counter: int) -> None:
    """A counter that does not grow tells of a copied key; 0 says that it does not count."""
    signed = Signature.objects.filter(release__credential=credential)
    before = max((s.release["counter"] for s in signed if s.release), default=0)
    if counter <= before and (counter or before):
        raise NotReleased(ReleaseProblem.WRONG)


def _cose(credential: Any) -> bytes:
    from fido2 import cbor

    return bytes(cbor.encode(dict(credential.public_key)))
