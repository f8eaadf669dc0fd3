"""A passkey of software, as an authenticator makes it: its answers are really signed (WebAuthn)."""

import json
import secrets
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from twinhood.people.models import Person

ORIGIN = "http://localhost:8000"
FLAG = AuthenticatorData.FLAG
PRESENT, VERIFIED, ATTESTED = FLAG.UP, FLAG.UV, FLAG.AT


class Passkey:
    """One key of one person, already added to their account."""

    def __init__(self, person: Person) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.name = secrets.token_bytes(16)
        self.counter = 0
        public = self.private.public_key()
        es256 = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
        known = AttestedCredentialData.create(b"\0" * 16, self.name, es256)
        data = AuthenticatorData.create(
            sha256(b"localhost").digest(), PRESENT | VERIFIED | ATTESTED, 0, known
        )
        client = CollectedClientData.create("webauthn.create", b"added", ORIGIN)
        made = AttestationObject.create("none", data, {})
        Authenticator.objects.create(
            user=person,
            type=Authenticator.Type.WEBAUTHN,
            data={
                "name": "Telephone",
                "credential": {
                    "id": websafe_encode(self.name),
                    "rawId": websafe_encode(self.name),
                    "type": "public-key",
                    "clientExtensionResults": {"credProps": {"rk": True}},
                    "response": {
                        "clientDataJSON": websafe_encode(client),
                        "attestationObject": websafe_encode(made),
                    },
                },
            },
        )

    def answer(
        self,
        asked: dict[str, Any],
        *,
        origin: str = ORIGIN,
        rp: str = "localhost",
        flags: AuthenticatorData.FLAG = PRESENT | VERIFIED,
    ) -> dict[str, Any]:
        """What a browser sends after the touch; the named arguments make it go wrong."""
        challenge = websafe_decode(asked["publicKey"]["challenge"])
        client = CollectedClientData.create("webauthn.get", challenge, origin)
        data = AuthenticatorData.create(sha256(rp.encode()).digest(), flags, self.counter)
        signature = self.private.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        plain: dict[str, Any] = json.loads(
            json.dumps(
                {
                    "id": websafe_encode(self.name),
                    "rawId": websafe_encode(self.name),
                    "type": "public-key",
                    "clientExtensionResults": {},
                    "response": {
                        "clientDataJSON": websafe_encode(client),
                        "authenticatorData": websafe_encode(data),
                        "signature": websafe_encode(signature),
                        "userHandle": None,
                    },
                }
            )
        )
        return plain
