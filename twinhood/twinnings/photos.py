"""The newsroom's photos of a ceremony, and who may see them and the scans of decisions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit.fields import LocalText
from twinhood.people.models import Person
from twinhood.twinnings.models import CeremonyPhoto, Draft, StepPaper
from twinhood.twinnings.queries import is_announced


@transaction.atomic
def add(
    *, draft: Draft, file: StoredFile, caption: LocalText, alt: LocalText, credit: str,
    form_key: UUID, by: Person, at: datetime,
) -> CeremonyPhoto:  # fmt: skip
    """Show a photo with the ceremony; the same `form_key` again gives that of the first time."""
    photo, _is_new = CeremonyPhoto.objects.get_or_create(
        form_key=form_key,
        defaults={
            "draft": draft, "file": file, "caption": caption, "alt": alt, "credit": credit,
            "added_by": by, "added_at": at,
        },
    )  # fmt: skip
    return photo


def pull_back(*, draft: Draft, pk: int, at: datetime) -> bool:
    """Take a photo back from the world at once; False if there is none to take back."""
    photos = CeremonyPhoto.objects.filter(draft=draft, pk=pk, pulled_back_at=None)
    return bool(photos.update(pulled_back_at=at))


def photos_of(draft: Draft) -> Sequence[CeremonyPhoto]:
    """Every photo in the order in which they were added, with what is shown of it."""
    found = draft.photos.select_related("file").prefetch_related("file__renditions")
    return list(found.order_by("added_at", "pk"))


def public_photos_of(draft: Draft) -> Sequence[CeremonyPhoto]:
    return [photo for photo in photos_of(draft) if photo.pulled_back_at is None]


def decisions_of(draft: Draft) -> Sequence[StepPaper]:
    """The scans of decisions that stand."""
    found = StepPaper.objects.filter(step__draft=draft, step__struck_at=None)
    with_files = found.select_related("step", "file").prefetch_related("file__renditions")
    return list(with_files.order_by("step__step_date", "pk"))


def sight_of(file: StoredFile) -> Sight | None:
    """How far a file may be seen on account of a photo or a decision of ours."""
    photo = CeremonyPhoto.objects.filter(file=file).select_related("draft").first()
    if photo is not None:
        if photo.pulled_back_at is not None:
            return Sight.PULLED_BACK
        return Sight.PUBLIC if is_announced(photo.draft) else Sight.WORKSPACE
    papers = StepPaper.objects.filter(file=file).select_related("step__draft")
    said = [_of_paper(paper) for paper in papers]
    return max(said, default=None)


def _of_paper(paper: StepPaper) -> Sight:
    is_public = paper.step.struck_at is None and is_announced(paper.step.draft)
    return Sight.PUBLIC if is_public else Sight.WORKSPACE
