"""What a donor told is sealed, shown where they agreed, and can be forgotten."""

import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from twinhood.giving import actions, keys, queries
from twinhood.giving.core import sealing
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.errors import DonorKeysMissing
from twinhood.giving.models import Donor, Gift
from twinhood.giving.tests import world

pytestmark = pytest.mark.django_db


def _all_stored_text() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(d)::text FROM giving_donor d")
        donors = cursor.fetchall()
        cursor.execute("SELECT to_jsonb(g)::text FROM giving_gift g")
        return " ".join(row[0] for row in donors + cursor.fetchall())


def test_the_database_holds_neither_name_nor_address() -> None:
    pair = world.partnership()
    world.fund(pair)

    world.taken_in(pair, world.cheque(donor=world.ANNA))

    stored = _all_stored_text()
    for plain in (world.ANNA.name, world.ANNA.email):
        assert plain not in stored
        assert plain.encode().hex() not in stored


def test_the_same_address_is_the_same_donor_however_it_is_written() -> None:
    pair = world.partnership()
    world.fund(pair)

    world.taken_in(
        pair,
        world.cheque(donor=DonorFacts(name="Anna", email="anna@example.org")),
        world.cheque(donor=DonorFacts(email="ANNA@Example.org")),
    )
    world.taken_in(pair, world.cheque(donor=DonorFacts(name="A. K.", email=" anna@example.org ")))

    (donor,) = Donor.objects.all()
    assert donor.gifts.count() == 3
    assert keys.open_donor(donor, keys.master_keys()).name == "Anna"


def test_a_known_donor_s_missing_name_is_learned() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=DonorFacts(email="anna@example.org")))

    world.taken_in(pair, world.cheque(donor=world.ANNA))

    assert keys.open_donor(Donor.objects.get(), keys.master_keys()) == world.ANNA


def test_the_same_address_in_two_partnerships_is_two_donors_with_unlike_indexes() -> None:
    pairs = [world.partnership(), world.partnership("westport-lyman")]
    for pair in pairs:
        world.fund(pair)
        world.taken_in(pair, world.cheque(donor=world.ANNA))

    first, second = Donor.objects.all()

    assert bytes(first.email_index or b"") != bytes(second.email_index or b"")


def test_names_show_only_where_they_were_allowed() -> None:
    pair = world.partnership()
    world.fund(pair)
    anna, boris, nobody = world.taken_in(
        pair,
        world.cheque(donor=world.ANNA),
        world.cheque(donor=world.BORIS, shows_name=True),
        world.cheque(donor=DonorFacts()),
    )

    names = queries.names_for([anna.key, boris.key, nobody.key, "gift:NOSUCH", "order:1"])
    givers = queries.latest_givers(pair, 3)

    assert names == {boris.key: "Boris"}
    assert [(g.ref, g.name) for g in givers] == [
        (nobody.ref, None),
        (boris.ref, "Boris"),
        (anna.ref, None),
    ]


def test_erasure_destroys_the_key_and_leaves_gifts_and_sums() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(
        pair, world.cheque(donor=world.BORIS, shows_name=True, note="Boris, by hand")
    )
    before = queries.totals(pair)
    donor = Donor.objects.get()

    actions.erase(donor=donor)

    donor.refresh_from_db()
    gift.refresh_from_db()
    assert (donor.sealed, donor.wrapped_key, donor.email_index) == (None, None, None)
    assert gift.note == ""
    assert queries.totals(pair) == before
    assert queries.names_for([gift.key]) == {}
    assert queries.latest_givers(pair, 1)[0].name is None
    assert keys.open_donor(donor, keys.master_keys()) == DonorFacts()


def test_a_forgotten_donor_who_gives_again_is_a_new_one() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=world.ANNA))
    actions.erase(donor=Donor.objects.get())

    world.taken_in(pair, world.cheque(donor=world.ANNA))

    assert Donor.objects.count() == 2


def test_a_donor_s_key_opens_no_other_donor() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=world.ANNA), world.cheque(donor=world.BORIS))
    anna, boris = Donor.objects.order_by("id")

    anna.wrapped_key = boris.wrapped_key

    with pytest.raises(sealing.NotOurs):
        keys.open_donor(anna, keys.master_keys())


def test_a_changed_byte_is_noticed() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=world.ANNA))
    donor = Donor.objects.get()
    sealed = bytes(donor.sealed or b"")

    for position in (0, 5, 20, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[position] ^= 1
        donor.sealed = bytes(changed)
        with pytest.raises(sealing.NotOurs):
            keys.open_donor(donor, keys.master_keys())


def test_master_keys_are_made_once_and_only_their_owner_may_read_them() -> None:
    first = keys.master_keys()
    again = keys.master_keys()

    path = Path(settings.KEYS_DIR) / keys.FILE_NAME
    assert first == again
    assert first.wrapping != first.indexing
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [keys.FILE_NAME]
    assert first.wrapping.hex() not in repr(first)


def test_lost_master_keys_are_told_and_not_replaced() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=world.ANNA))
    path = Path(settings.KEYS_DIR) / keys.FILE_NAME
    path.rename(path.with_suffix(".elsewhere"))

    with pytest.raises(DonorKeysMissing):
        world.taken_in(pair, world.cheque(donor=world.BORIS))

    assert not path.exists()
    assert Gift.objects.count() == 1
