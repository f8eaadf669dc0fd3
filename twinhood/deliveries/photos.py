"""Who may see the photos and scans of hand-overs."""

from twinhood.deliveries.models import ActScan, LinePhoto
from twinhood.deliveries.queries import is_public_act
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock


def sight_of(file: StoredFile) -> Sight | None:
    """A scan: those at work. A photo: the world once the act is public and it was released."""
    photo = LinePhoto.objects.filter(file=file).select_related("line__act").first()
    if photo is not None:
        act = photo.line.act
        if act.is_pulled_back:
            return Sight.PULLED_BACK
        is_public = photo.is_released and is_public_act(act, clock.now().date())
        return Sight.PUBLIC if is_public else Sight.WORKSPACE
    return Sight.WORKSPACE if ActScan.objects.filter(file=file).exists() else None
