"""Sentences about files: why one is not taken, and what was left behind."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from twinhood.documents.core.unshown import Unshown
from twinhood.documents.models import StoredFile

WHY = {
    Unshown.KIND: _(
        "“%(name)s” is no photo or scan that we can show. Send JPEG, PNG, HEIC, WebP, AVIF, TIFF "
        "or PDF."
    ),
    Unshown.DAMAGED: _(
        "“%(name)s” is damaged or was cut off on its way. Open it on your device; if it looks "
        "right there, send it again."
    ),
    Unshown.PIXELS: _(
        "“%(name)s” has too many pixels. Send it as JPEG, or take it again with fewer megapixels."
    ),
    Unshown.LOCKED: _("“%(name)s” is locked with a password. Save it without one and send that."),
    Unshown.TOO_MUCH: _(
        "“%(name)s” takes too long to open. Print it to a new PDF, or photograph it, and send that."
    ),
    Unshown.TOO_LARGE: _("“%(name)s” is larger than %(megabytes)s MB. Send a smaller copy."),
    Unshown.OTHER_BYTES: _("“%(name)s” did not arrive as it left your device. Send it again."),
}
TOO_MANY_AN_HOUR = _("These were many files for one hour. Send the rest in the next.")
BUSY = _("Many files are being looked at just now. Send the form again in a minute.")


def left_behind(files: Sequence[StoredFile]) -> str:
    """A sentence for whoever sent them, if something was left out of what others see; or ""."""
    places = sum(1 for file in files if file.had_place)
    said = []
    if places:
        said.append(
            ngettext(
                "A photo said where it was taken; what others see does not.",
                "%(count)d photos said where they were taken; what others see does not.",
                places,
            )
            % {"count": places}
        )
    if any(file.is_active for file in files):
        said.append(
            gettext("A PDF can run or carries other files; others see pictures of its pages only.")
        )
    return " ".join(said)
