"""A signed paper without a database: certificates of a root that is made, used and thrown away.

All its names begin with DEMO and each page says that it is a specimen. Everything else is as in a
real one: the same typesetting, signatures, evidence, and a timestamp at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from asn1crypto import keys, x509
from django.conf import settings
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from twinhood.documents import paper_words
from twinhood.documents.core import authority, signing, typesetting
from twinhood.documents.core.authority import Identity
from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import Paper
from twinhood.documents.core.signing import Evidence
from twinhood.documents.timestamps import Server
from twinhood.kit.dates import moment_words

CODE = "3AGREEMENT"
LIST_URL = "http://localhost:8000/ca/revoked.crl"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A signed paper, and the root (DER) that whoever checks it may choose to trust."""

    data: bytes
    root: bytes


def signed(paper: Paper, moments: Sequence[datetime]) -> Specimen:
    """`paper`, signed in each of its places, at these moments in turn.

    Timestamps come from TWINHOOD_TSA_URL, or are our own and say so. Raises NotTypeset, and what
    a server raises that is asked and does not answer.
    """
    begun = min(moments) - timedelta(days=1)
    private = authority.new_key()
    made = authority.root(name="DEMO, Twinhood", key=private, serial=1, at=begun)
    root = Identity(made, private, made)
    own = _timestamps(root, begun)
    offices = [_office(root, place.capacity, begun, n) for n, place in enumerate(paper.places, 3)]
    data = typesetting.typeset(paper, paper_words.setting_of(paper, code=CODE, check_url=_url()))
    for place, identity, at in zip(paper.places, offices, moments, strict=True):
        clock = _timestamper(own, at)
        data = signing.sign(
            data,
            field=place.field,
            identity=identity,
            at=at,
            reason=paper.title[paper.languages[0]],
            stamp=_stamp(paper, place.capacity, identity, at),
            timestamper=clock,
        ).data
        listed = authority.revocation_list(root, [], number=1, at=at)
        known = [one.certificate for one in offices] + [root.certificate]
        seen = signing.certificates_of_timestamps(data)
        evidence = Evidence(certificates=[*known, *seen], lists=[listed])
        data = signing.add_evidence(
            data, evidence, timestamper=clock, field=f"Timestamp{place.field}"
        )
    return Specimen(data, root.certificate)


def _url() -> str:
    return f"{settings.SITE_URL}/v/{CODE}"


def _office(root: Identity, capacity: Capacity, begun: datetime, serial: int) -> Identity:
    private = authority.new_key()
    made = authority.office(
        root,
        name=f"DEMO, {next(iter(capacity.office.values()))}",
        organisation=next(iter(capacity.organisation.values())),
        key=private,
        serial=serial,
        at=begun,
        until=begun + timedelta(days=365 * authority.YEARS_MAX),
        list_url=LIST_URL,
    )
    return Identity(made, private, root.certificate)


def _timestamps(root: Identity, begun: datetime) -> Identity:
    private = authority.new_key()
    made = authority.timestamps(
        root,
        name="DEMO timestamp authority",
        key=private,
        serial=2,
        at=begun,
        list_url=LIST_URL,
    )
    return Identity(made, private, root.certificate)


def _timestamper(own: Identity, at: datetime) -> TimeStamper:
    if settings.TSA_URL:
        return Server(settings.TSA_URL, settings.TSA_TIMEOUT_S)
    certificate, key = x509.Certificate.load(own.certificate), keys.PrivateKeyInfo.load(own.key)
    return DummyTimeStamper(certificate, key, fixed_dt=at.astimezone(UTC))


def _stamp(paper: Paper, capacity: Capacity, identity: Identity, at: datetime) -> bytes:
    language = paper.languages[0]
    digits = sha256(identity.certificate).hexdigest()
    moment = moment_words(at.astimezone(ZoneInfo(capacity.zone)), capacity.zone, language)
    return typesetting.stamp(
        typesetting.Stamp(
            name=capacity.name,
            office=capacity.office[language],
            lines=paper_words.stamp_lines(
                moment=moment,
                certificate_sha256=digits,
                code=typesetting.shown(CODE),
                language=language,
            ),
            certificate_sha256=digits,
        )
    )
