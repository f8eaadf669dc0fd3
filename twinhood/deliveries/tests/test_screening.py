"""Promises of screening: names are found however they are spelt, and nothing moves unscreened.

Every name on the lists here is invented.
"""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, errors, screening
from twinhood.deliveries.core.listed import (
    BadList,
    folded,
    read_eu,
    read_ofac,
    read_ofac_alt,
    read_plain,
    read_uk,
)
from twinhood.deliveries.models import ListedName, Screening, ScreeningList
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY, organisation, quotes_unguarded
from twinhood.people.models import Organisation

OFAC = (
    '36,"INVENTED AERO TRADING",-0- ,"TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n'
    '173,"NOBODY, Ivan Inventovich",individual,"TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    '"DOB 1 Jan 1900"\n\x1a'
)
ALT = '36,12,"aka","INVENTED AVIATION",-0- \n173,57,"fka","NIHTO, I.",-0- \n\x1a'
UK = (
    "Last Updated,01/09/2026\n"
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Group Type,Group ID\n"
    "NOBODY,Ivan,Inventovich,,,,,Individual,7001\n"
    "INVENTED MOTORS LTD,,,,,,,Entity,7002\n"
)
EU = (
    "\ufefffileGenerationDate;Entity_LogicalId;Entity_SubjectType;NameAlias_WholeName\n"
    "2026-09-01;13;P;Іван Вигаданий\n2026-09-01;13;P;Ivan Vyhadanyi\n2026-09-01;14;E;\n"
)


def names(found: object) -> list[tuple[str, str]]:
    return [(one.uid, one.name) for one in found]  # type: ignore[attr-defined]


def test_each_publishers_file_is_read_as_it_is_written() -> None:
    assert names(read_ofac(StringIO(OFAC))) == [
        ("36", "INVENTED AERO TRADING"),
        ("173", "NOBODY, Ivan Inventovich"),
    ]
    assert names(read_uk(StringIO(UK))) == [
        ("7001", "Ivan Inventovich NOBODY"),
        ("7002", "INVENTED MOTORS LTD"),
    ]
    assert names(read_eu(StringIO(EU))) == [("13", "Іван Вигаданий"), ("13", "Ivan Vyhadanyi")]
    assert names(read_plain(StringIO("id,name\nU1,Ніхто\n"))) == [("U1", "Ніхто")]
    assert names(read_ofac_alt(StringIO(ALT))) == [
        ("36", "INVENTED AVIATION"),
        ("173", "NIHTO, I."),
    ]


def test_other_names_of_a_plain_list_are_names_of_the_same() -> None:
    text = (
        "id,schema,name,aliases,countries\n"
        'u-1,Company,"Вигадані мотори","Vyhadani Motory; ""Invented Motors"" LLC;",ua\n'
        "u-2,Person,Ніхто,,ua\n"
    )

    assert names(read_plain(StringIO(text))) == [
        ("u-1", "Вигадані мотори"), ("u-1", "Vyhadani Motory"), ("u-1", '"Invented Motors" LLC'),
        ("u-2", "Ніхто"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_ofac, "a,b,c\n"),
        (read_ofac_alt, "36,12,aka\n"),
        (read_uk, "Name,ID\n"),
        (read_eu, "id,name\n"),
        (read_plain, "x;y\n"),
    ],
)
def test_another_file_is_refused(read: object, text: str) -> None:
    with pytest.raises(BadList):
        list(read(StringIO(text)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Київські мотори", "Kyivski Motory LLC"),
        ("ТОВ «Вигадана Зброя»", "VYHADANA ZBROIA, TOV"),
        ("José Müller", "MULLER, Jose"),
    ],
)
def test_names_are_alike_in_any_script_and_order(one: str, other: str) -> None:
    assert folded(one) == folded(other)


# --- with a database

db = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def looked_up(world: World, name: str) -> Screening:
    body = organisation(Organisation.Kind.SUPPLIER, name)
    return screening.screen(organisation=body, partnership=world.partnership, by=world.iryna, at=AT)


def take(text: str, code: str = "ofac-sdn", why: str = "") -> ScreeningList:
    return screening.import_list(
        text.encode(), code=code, kind=code, version=DAY, at=AT, shorter_reason=why
    )


@db
def test_a_name_that_is_like_one_on_a_list_waits_for_somebody_else(world: World) -> None:
    take(OFAC)
    found = looked_up(world, "Вигадане: Ivan NOBODI Inventovych")

    assert found.outcome == Screening.Outcome.OPEN
    assert found.hits[0]["name"] == "NOBODY, Ivan Inventovich"
    assert {one["code"] for one in found.lists} == {"ofac-sdn", "specimen"}
    with pytest.raises(errors.MayNotDecide):
        screening.decide(screening=found, is_listed=False, reason="Others.", by=world.iryna, at=AT)
    with pytest.raises(errors.ReasonMissing):
        screening.decide(screening=found, is_listed=False, reason=" ", by=world.tom, at=AT)
    decided = screening.decide(
        screening=found, is_listed=False, reason="Born in 1900, ours in 1980.", by=world.tom, at=AT
    )
    assert decided.outcome == Screening.Outcome.CLEAR


@db
def test_a_name_that_is_like_none_is_clear_at_once(world: World) -> None:
    take(OFAC)

    found = looked_up(world, "Quite Different Pumps")

    assert (found.outcome, found.hits) == (Screening.Outcome.CLEAR, [])


@db
def test_a_newer_list_takes_the_place_of_the_older_and_the_same_changes_nothing(
    world: World,
) -> None:
    take(OFAC)
    take(OFAC)
    with pytest.raises(errors.ListTooShort):
        take(OFAC.splitlines()[0] + "\n")
    take(OFAC.splitlines()[0] + "\n", why="One was taken off, as they announced.")
    with pytest.raises(errors.OlderList):
        screening.import_list(
            OFAC.replace("36", "37").encode(), code="ofac-sdn", kind="ofac-sdn",
            version=DAY - timedelta(days=400), at=AT,
        )  # fmt: skip

    assert ScreeningList.objects.filter(code="ofac-sdn").count() == 2
    assert ListedName.objects.filter(list__code="ofac-sdn").count() == 1
    with pytest.raises(errors.EmptyList):
        take("\n")
    assert ListedName.objects.filter(list__code="ofac-sdn").count() == 1


@db
@pytest.mark.parametrize("case", ["none", "open", "listed", "expired"])
def test_nothing_is_placed_where_supplier_or_beneficiary_is_not_clear(
    world: World, case: str
) -> None:
    world.give(90_000_000)
    at = AT
    if case == "none":
        other = organisation(Organisation.Kind.SUPPLIER, "Other Motors")
        world.quotes[0].supplier = other
        with quotes_unguarded():
            world.quotes[0].save()
    elif case == "expired":
        at = AT + timedelta(days=screening.VALID_DAYS + 1)
    else:
        take('36,"CITY HOSPITAL 3"' + ",-0- " * 10 + "\n")
        found = screening.screen(
            organisation=world.hospital, partnership=world.partnership, by=world.iryna, at=AT
        )
        if case == "listed":
            screening.decide(
                screening=found, is_listed=True, reason="The same.", by=world.tom, at=AT
            )
    order = world.proposed(1)
    actions.approve(order=order, by=world.tom, seen_hash=order.content_hash, at=at)

    with pytest.raises(errors.NotScreened) as problem:
        actions.approve(order=order, by=world.lesia, seen_hash=order.content_hash, at=at)

    assert problem.value.code == case
    assert order.approvals.count() == 1


@db
def test_nothing_is_paid_to_a_holder_that_was_not_looked_up(world: World) -> None:
    order = world.placed(1)
    new = world.approved_payee(
        world.dealer, "FR1420041010050500013M02606", AT - timedelta(days=4), "Somebody Else"
    )
    pay: dict[str, Any] = {
        "order": order, "amount_minor": 100, "invoice": "INV-1", "payee": new,
        "bank_code": "assets:bank:main", "by": world.tom, "at": AT,
    }  # fmt: skip

    world.invoiced(order, "INV-1")
    with pytest.raises(errors.NotScreened):
        actions.pay(**pay)

    screening.screen(
        organisation=world.dealer, partnership=world.partnership, by=world.iryna, at=AT
    )
    assert actions.pay(**pay).payee == new


@db
@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE deliveries_screening SET outcome = 'clear'", "stays"),
        ("UPDATE deliveries_screening SET expires_date = '2099-01-01'", "stays"),
        ("DELETE FROM deliveries_screening", "stays"),
        (
            "INSERT INTO deliveries_screening (partnership_id, organisation_id, names, lists,"
            " hits, outcome, screened_by_id, screened_at, expires_date, reason)"
            " SELECT partnership_id, organisation_id, names, '[]', '[]', 'clear',"
            " screened_by_id, now(), '2099-01-01', '' FROM deliveries_screening",
            "newest version",
        ),
        (
            "INSERT INTO deliveries_screening (partnership_id, organisation_id, names, lists,"
            " hits, outcome, screened_by_id, screened_at, expires_date, reason, decided_by_id,"
            " decided_at) SELECT partnership_id, organisation_id, names, lists, '[{}]', 'clear',"
            " screened_by_id, now(), '2099-01-01', 'x', screened_by_id, now()"
            " FROM deliveries_screening",
            "decided about after",
        ),
    ],
)
def test_the_database_keeps_what_was_found(world: World, sql: str, refusal: str) -> None:
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


@db
def test_the_database_itself_places_nothing_unscreened(world: World) -> None:
    order = world.proposed(1)
    world.approved_by(order, world.tom)
    late = AT + timedelta(days=31)
    with pytest.raises(IntegrityError, match="clear of sanctions"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement) SELECT id, content_hash,"
            " proposed_by_id, %s, %s, now(), 'no-interest-1' FROM deliveries_order;"
            " UPDATE deliveries_order SET state = 'placed', placed_at = %s",
            [world.lesia.pk, world.city_s.pk, late],
        )


@db
def test_the_command_takes_a_list_in_and_says_which_are_here(tmp_path: Path) -> None:
    file = tmp_path / "sdn.csv"
    file.write_text(OFAC, encoding="utf-8")
    said = StringIO()

    call_command(
        "screening", "import", str(file), "--list", "ofac-sdn", "--date", "2026-09-01", stdout=said
    )

    assert said.getvalue().startswith("ofac-sdn\t2026-09-01\t2\t")
    with pytest.raises(CommandError, match="no list as uk publishes it"):
        call_command("screening", "import", str(file), "--list", "uk", "--date", "2026-09-01")
    with pytest.raises(CommandError, match="No such file"):
        call_command("screening", "import", "none.csv", "--list", "uk", "--date", "2026-09-01")


@db
def test_somebody_is_looked_up_and_decided_about_on_the_pages(world: World) -> None:
    take('36,"EXAMPLE MOTOR"' + ",-0- " * 10 + "\n")
    slug = world.partnership.slug
    iryna, tom = world.signed_in(world.iryna), world.signed_in(world.tom)
    with clock.showing(AT), translation.override("en"):
        url = reverse("deliveries:screen", args=[slug, world.dealer.pk])
        page = iryna.post(url, follow=True).content.decode()
        found = Screening.objects.get(outcome="open")
        decision = reverse("deliveries:screening_decision", args=[slug, found.pk])
        empty = tom.post(decision, {})
        done = tom.post(
            decision, {"is_listed": "no", "reason": "Another body."}, follow=True
        ).content.decode()
        everything = tom.get(reverse("deliveries:screenings", args=[slug])).content.decode()

    assert "EXAMPLE MOTOR" in page
    assert "You looked it up, so somebody else decides" in page
    assert empty.status_code == 422
    assert "Another body." in done
    assert "specimen" in everything


@db
def test_names_stay_until_a_newer_list_is_in_whole(world: World) -> None:
    taken = take(OFAC)

    for sql in (
        "DELETE FROM deliveries_listedname",
        "UPDATE deliveries_listedname SET folded = ''",
        "UPDATE deliveries_screeninglist SET version_date = '2001-01-01'",
        "WITH newer AS (INSERT INTO deliveries_screeninglist"
        " (code, version_date, sha256, names_count, imported_at)"
        " SELECT code, version_date, 'x', 1, imported_at FROM deliveries_screeninglist"
        " WHERE code = 'ofac-sdn' RETURNING id)"
        " DELETE FROM deliveries_listedname n USING deliveries_screeninglist l"
        " WHERE l.id = n.list_id AND l.code = 'ofac-sdn'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute(sql)
    connection.cursor().execute("SET CONSTRAINTS list_is_whole IMMEDIATE")
    with pytest.raises(IntegrityError, match="all of its names"), transaction.atomic():
        ScreeningList.objects.create(
            code="ofac-sdn", version_date=DAY, sha256="y", names_count=5, imported_at=AT
        )
    connection.cursor().execute("SET CONSTRAINTS list_is_whole DEFERRED")

    assert ListedName.objects.filter(list=taken).count() == taken.names_count


@db
def test_a_clear_result_is_not_copied_for_somebody_else_or_from_an_older_list(
    world: World,
) -> None:
    other = organisation(Organisation.Kind.SUPPLIER, "NOBODY, Ivan Inventovich")
    clear = screening.screen(
        organisation=world.dealer, partnership=world.partnership, by=world.iryna, at=AT
    )
    copied = {
        "partnership": world.partnership, "names": clear.names, "lists": clear.lists,
        "hits": [], "outcome": "clear", "screened_by": world.iryna, "screened_at": AT,
        "expires_date": clear.expires_date,
    }  # fmt: skip

    with pytest.raises(IntegrityError, match="was looked up"), transaction.atomic():
        Screening.objects.create(organisation=other, **copied)
    with pytest.raises(IntegrityError, match="30_days"), transaction.atomic():
        Screening.objects.create(
            organisation=world.dealer, **copied | {"expires_date": DAY + timedelta(days=31)}
        )
    with pytest.raises(IntegrityError, match="decided about after"), transaction.atomic():
        Screening.objects.create(
            organisation=world.dealer,
            **copied | {"decided_by": world.tom, "decided_at": AT, "reason": "Others."},
        )
    take(OFAC)
    with pytest.raises(IntegrityError, match="newest version"), transaction.atomic():
        Screening.objects.create(organisation=world.dealer, **copied)
    found = screening.screen(
        organisation=other, partnership=world.partnership, by=world.iryna, at=AT
    )
    with pytest.raises(IntegrityError, match="not clear by itself"), transaction.atomic():
        Screening.objects.create(
            organisation=other, **copied | {"names": found.names, "lists": found.lists}
        )
