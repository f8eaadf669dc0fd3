"""Timestamps (RFC 3161): from the server in TWINHOOD_TSA_URL, or our own for specimens."""

import asyncio
from datetime import datetime

from asn1crypto import keys, tsp, x509
from django.conf import settings
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from twinhood.documents import fetching, offices
from twinhood.documents.models import Document

ANSWER_BYTES_MAX = 64 * 1024


class Server(TimeStamper):
    """A server far away, asked once for each timestamp."""

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url
        self.timeout_s = timeout_s

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask once. Raises OSError, ValueError."""
        body = req.dump()
        asking = asyncio.to_thread(
            fetching.ask,
            self.url,
            timeout_s=self.timeout_s,
            bytes_max=ANSWER_BYTES_MAX,
            body=body,
            media_type="application/timestamp-query",
        )
        # A server that sends a byte now and then is out of time as a whole.
        return tsp.TimeStampResp.load(await asyncio.wait_for(asking, self.timeout_s), strict=True)


def timestamper_for(document: Document, at: datetime) -> TimeStamper | None:
    """Who timestamps this paper; None where nobody does, so that its level stays lower."""
    if settings.TSA_URL:
        return Server(settings.TSA_URL, settings.TSA_TIMEOUT_S)
    if not document.is_specimen:
        return None
    own = offices.practice_timestamps()
    certificate, key = x509.Certificate.load(own.certificate), keys.PrivateKeyInfo.load(own.key)
    return DummyTimeStamper(certificate, key, fixed_dt=at.replace(microsecond=0))
