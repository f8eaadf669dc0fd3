"""Who may see the photos and scans of orders and hand-overs."""

from twinhood.deliveries.models import ActScan, Licence, LinePhoto
from twinhood.deliveries.queries import is_public_act
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock


def sight_of(file: StoredFile) -> Sight | None:
    """Scans and licences: those at work. A photo: the world once its act is and it may be."""
    photo = LinePhoto.objects.filter(file=file).select_related("line__act").first()
    if photo is not None:
        act = photo.line.act
        if act.is_pulled_back:
            return Sight.PULLED_BACK
        is_public = photo.is_released and is_public_act(act, clock.now().date())
        return Sight.PUBLIC if is_public else Sight.WORKSPACE
    is_of_work = any(kind.objects.filter(file=file).exists() for kind in (ActScan, Licence))
    return Sight.WORKSPACE if is_of_work else None
