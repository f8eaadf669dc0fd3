"""Mail where there is no mail server: written where whoever runs this can read it."""

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend


class ReadableBackend(EmailBackend):
    """Print subject and text as they are read; the wire format would hide Cyrillic in base64."""

    def write_message(self, message: EmailMessage) -> None:
        receivers = ", ".join(message.recipients())
        self.stream.write(f"--- {receivers}\n{message.subject}\n\n{message.body}\n---\n")
