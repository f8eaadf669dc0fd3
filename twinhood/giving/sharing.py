"""What a donor can hand on: codes, and a picture that is the same for everybody."""

from django.utils.safestring import SafeString, mark_safe

from twinhood.giving.core import payment_qr


def qr(address: str, title: str) -> SafeString:
    """The QR code of an address of ours, as an SVG for a page."""
    # Drawn by segno from an address; the title is escaped there.
    return mark_safe(payment_qr.svg(payment_qr.address_qr(address), title=title))  # noqa: S308
