"""Promises about photos of answers: private, until the receiving side releases them."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from twinhood.aftercare import following
from twinhood.aftercare.models import FollowUp, FollowUpPhoto
from twinhood.aftercare.queries import sight_of
from twinhood.aftercare.tests.world import World
from twinhood.deliveries import handing_over
from twinhood.deliveries.errors import NotTheReceiver
from twinhood.documents import files
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock
from twinhood.needs.tests.world import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=120)


@pytest.fixture
def world() -> World:
    return World()


def photo(world: World) -> StoredFile:
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), (90, 120, 60)).save(picture, "JPEG")
    sent = SimpleUploadedFile("engine.jpg", picture.getvalue(), "image/jpeg")
    return files.keep(sent, partnership=world.partnership, by=world.bondar)


def test_a_photo_of_an_answer_is_public_once_the_receiving_side_released_it(
    world: World, client: Client
) -> None:
    picture = photo(world)
    answered = world.answered(photos=[picture])
    page = f"/en/p/{world.partnership.slug}/units/{world.unit.code}/"
    shown = FollowUpPhoto.objects.get()

    with clock.showing(LATER):
        before = (sight_of(picture), picture.code in _text(client, page))
        with pytest.raises(NotTheReceiver):
            following.release_photos(follow_up=answered, released=[shown.pk], by=world.dana)
        following.release_photos(follow_up=answered, released=[shown.pk], by=world.iryna)
        after = (sight_of(picture), picture.code in _text(client, page))
        following.release_photos(follow_up=answered, released=[], by=world.bondar)

        assert before == (Sight.WORKSPACE, False)
        assert after == (Sight.PUBLIC, True)
        assert sight_of(picture) == Sight.WORKSPACE


def _text(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_released_photo_waits_for_the_hand_over_and_goes_with_it(world: World) -> None:
    picture = photo(world)
    answered = world.answered(photos=[picture])
    shown = FollowUpPhoto.objects.get()
    following.release_photos(follow_up=answered, released=[shown.pk], by=world.bondar)

    with clock.showing(AT + timedelta(days=13)):
        assert sight_of(picture) == Sight.WORKSPACE
    with clock.showing(LATER):
        assert sight_of(picture) == Sight.PUBLIC
        handing_over.pull_back(act=world.unit.handover.act)
        assert sight_of(picture) == Sight.PULLED_BACK


def test_in_sql_a_photo_of_an_answer_stays_with_it(world: World) -> None:
    world.answered(photos=[photo(world)])

    with pytest.raises(IntegrityError, match="only its release"), transaction.atomic():
        FollowUpPhoto.objects.all().delete()
    with pytest.raises(IntegrityError, match="only its release"), transaction.atomic():
        FollowUpPhoto.objects.update(file=photo(world))


def test_a_clerk_of_the_receiving_side_ticks_what_the_world_may_see(world: World) -> None:
    answered = world.answered(photos=[photo(world)])
    shown = FollowUpPhoto.objects.get()
    desk = f"/en/desk/{world.partnership.slug}/follow-ups/"
    release = f"{desk}{answered.pk}/photos/"

    with clock.showing(LATER):
        theirs = world.signed_in(world.dana)
        refused = theirs.post(release, {"photo": shown.pk}, follow=True).content.decode()
        assert not FollowUpPhoto.objects.get().is_released
        ours = world.signed_in(world.bondar)
        page = ours.get(desk).content.decode()
        done = ours.post(release, {"photo": shown.pk}, follow=True).content.decode()

    assert "Only the receiving side decides" in refused
    assert 'name="photo"' not in theirs.get(desk).content.decode()
    assert 'name="photo"' in page
    assert "Saved." in done
    assert FollowUpPhoto.objects.get().is_released
    assert FollowUp.objects.get(pk=answered.pk).photos.count() == 1
