"""A real mail server on loopback that takes letters, refuses them, or breaks, as a test asks."""

import socket
from asyncio import Transport
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


@dataclass
class Mailbox:
    """What arrived, and what the server answers to whom."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    # Answers to RCPT TO by address, and to DATA; "hang up" breaks the connection instead.
    receivers: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)
    sender: str = ""

    @property
    def letters(self) -> list[EmailMessage]:
        found = []
        for envelope in self.envelopes:
            raw = envelope.content
            assert isinstance(raw, bytes)
            message = message_from_bytes(raw, policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.receivers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.content.pop(0) if self.content else "250 OK"
        if answer == "hang up":
            self.envelopes.append(envelope)  # taken, but the answer never arrives
            assert isinstance(server.transport, Transport)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer


@contextmanager
def open_mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Serve on a free port, and let Django send there."""
    mailbox = Mailbox(port=_free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    settings.MAILERS = mailers(mailbox.port)
    settings.DEFAULT_FROM_EMAIL = "twinhood@example.org"
    try:
        yield mailbox
    finally:
        controller.stop()


def mailers(port: int) -> dict[str, Any]:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {"default": {"BACKEND": backend, "OPTIONS": options}}


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """The letter's text ("plain") or its HTML ("html"), with plain line ends."""
    part = letter.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
