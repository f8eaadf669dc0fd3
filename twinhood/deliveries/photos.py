"""Who may see the photos and scans of orders and hand-overs."""

from collections.abc import Iterable

from django.db.models import QuerySet

from twinhood.deliveries.models import ActScan, HandoverAct, Licence, LinePhoto
from twinhood.deliveries.queries import is_public_act
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock


def sight_of(file: StoredFile) -> Sight | None:
    """Scans and licences: those at work. A photo: the world once its act is and it may be."""
    if photos := LinePhoto.objects.filter(file=file).select_related("line__act"):
        return _sight_at_acts(photos)
    is_of_work = any(kind.objects.filter(file=file).exists() for kind in (ActScan, Licence))
    return Sight.WORKSPACE if is_of_work else None


def _sight_at_acts(photos: Iterable[LinePhoto]) -> Sight:
    """A correction decides over the photos that it took over from the act it corrects."""
    standing = [photo for photo in photos if not photo.line.act.is_over]
    if any(photo.line.act.is_pulled_back for photo in standing):
        return Sight.PULLED_BACK
    today = clock.now().date()
    is_public = any(one.is_released and is_public_act(one.line.act, today) for one in standing)
    return Sight.PUBLIC if is_public else Sight.WORKSPACE


def photo_hashes(act: HandoverAct) -> set[str]:
    """SHA-256 of the photos' originals, which stay private: whoever has one can compare."""
    photos = LinePhoto.objects.filter(line__act=act)
    return set(photos.values_list("file__sha256", flat=True))


def scans_of(act: HandoverAct) -> QuerySet[ActScan]:
    """Scans of the act signed by hand, with who saw it signed."""
    found = act.scans.select_related("file").order_by("pk")
    return found.prefetch_related("witnesses__organisation", "file__renditions")
