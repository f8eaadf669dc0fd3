"""Letters: queued with their cause, sent once, tried again, returned; nothing is injected."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from twinhood.giving import actions, letters
from twinhood.giving.core import mailing
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import master_keys, seal_donor
from twinhood.giving.models import Donor, Mail
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.kit.tests.mailbox import Mailbox, mailers, open_mailbox, text_of
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db

WORDS = "{% if name %}Dear {{ name }},\n\n{% endif %}{{ what }}\n{{ site_url }}/en/"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with open_mailbox(settings) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Three kinds of letter for these tests, whose words are read from memory."""
    kinds = {"thanks": letters.Kind(), "news": letters.Kind(is_news=True)}
    kinds["code"] = letters.Kind(is_urgent=True)
    monkeypatch.setattr(letters, "KINDS", kinds)
    texts = {f"giving/letters/{kind}.txt": WORDS for kind in kinds}
    texts |= {f"giving/letters/{kind}_subject.txt": "About {{ what }}" for kind in kinds}
    engine: dict[str, Any] = settings.TEMPLATES[0] | {"APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", texts),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [engine | {"OPTIONS": engine["OPTIONS"] | {"loaders": loaders}}]


def pair() -> Partnership:
    return world.partnership()


def donor(
    facts: DonorFacts = world.ANNA, *, of: Partnership | None = None, **more: object
) -> Donor:
    found = Donor(partnership=of or pair(), **more)
    seal_donor(found, facts, master_keys())
    found.save()
    return found


def queued(of: Donor, kind: str = "thanks", key: str = "thanks:1", what: str = "a gift") -> Mail:
    letters.queue(of, kind, key, {"what": what})
    return Mail.objects.get(key=key)


def state(mail: Mail) -> tuple[str, int, str]:
    mail.refresh_from_db()
    return mail.state, mail.tries, mail.problem


def test_a_letter_arrives_with_text_and_html_and_our_headers(mailbox: Mailbox) -> None:
    mail = queued(donor(DonorFacts(name="Їжакевич & Söhne", email="anna@example.org")))

    done = letters.send_due()

    (letter,) = mailbox.letters
    html = text_of(letter, "html")
    assert "Dear Їжакевич & Söhne,\n\na gift" in text_of(letter)
    assert "<p>Dear Їжакевич &amp; Söhne,<br>" in html
    assert '<a href="http://localhost:8000/en/">' in html
    assert letter["To"] == "anna@example.org"
    assert letter["From"] == "Example Aid <twinhood@example.org>"
    assert letter["Subject"] == "About a gift"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == f"<{letters.name_of(mail)}@example.org>"
    assert "List-Unsubscribe" not in letter
    assert done.sent == 1
    assert state(mail) == ("sent", 1, "")


def test_the_example_says_in_each_letter_that_its_money_is_made_up(mailbox: Mailbox) -> None:
    queued(donor(language="uk"))

    letters.send_due()

    (letter,) = mailbox.letters
    assert "Це приклад: людей і кошти в ньому вигадано." in text_of(letter)


def test_the_same_cause_is_one_letter_and_it_is_sent_once(mailbox: Mailbox) -> None:
    anna = donor()

    for _ in range(3):
        letters.queue(anna, "thanks", "thanks:1", {"what": "a gift"})
        letters.send_due()

    assert len(mailbox.letters) == 1


def test_a_letter_exists_only_if_its_cause_does(mailbox: Mailbox) -> None:
    anna = donor()

    with suppress(ZeroDivisionError), transaction.atomic():
        letters.queue(anna, "thanks", "thanks:1", {"what": "a gift"})
        raise ZeroDivisionError

    assert letters.send_due().count == 0
    assert mailbox.letters == []


def test_a_letter_is_not_sent_before_it_is_due(mailbox: Mailbox) -> None:
    anna = donor()
    letters.queue(anna, "thanks", "later", {}, clock.now() + timedelta(hours=1))

    early = letters.send_due()
    with clock.showing(clock.now() + timedelta(hours=2)):
        late = letters.send_due()

    assert (early.sent, late.sent) == (0, 1)


def test_what_somebody_waits_for_overtakes_a_burst(mailbox: Mailbox) -> None:
    anna = donor()
    letters.queue_many(
        letters.NewLetter(anna.pk, "thanks", f"thanks:{n}", {"what": f"gift {n}"})
        for n in range(50)
    )
    letters.queue(anna, "code", "code:1", {"what": "your code"})

    letters.send_due(limit=1)

    assert [letter["Subject"] for letter in mailbox.letters] == ["About your code"]


def test_a_server_that_is_busy_gets_the_letter_later(mailbox: Mailbox) -> None:
    mailbox.receivers["anna@example.org"] = "451 4.7.1 Greylisted, try again"
    mail = queued(donor())

    first = letters.send_due()
    at_once = letters.send_due()
    del mailbox.receivers["anna@example.org"]
    with clock.showing(clock.now() + timedelta(seconds=61)):
        second = letters.send_due()

    assert (first.later, at_once.count, second.sent) == (1, 0, 1)
    assert state(mail) == ("sent", 2, "")


def test_after_some_days_of_trying_a_letter_is_given_up(mailbox: Mailbox) -> None:
    mailbox.receivers["anna@example.org"] = "452 4.2.2 Mailbox full"
    mail, now = queued(donor()), clock.now()

    for day in range(30):
        with clock.showing(now + timedelta(days=day)):
            letters.send_due()

    assert state(mail) == ("bounced", mailing.TRIES_MAX, "452 4.2.2 Mailbox full")
    assert mail.donor.bounced_at is None


def test_an_address_that_does_not_exist_gets_no_more_letters(mailbox: Mailbox) -> None:
    mailbox.receivers["anna@example.org"] = "550 5.1.1 No such user"
    anna = donor()
    first = queued(anna)
    letters.send_due()

    second = queued(anna, key="thanks:2")
    done = letters.send_due()

    assert state(first) == ("bounced", 1, "550 5.1.1 No such user")
    assert state(second) == ("dropped", 1, "address is dead")
    assert (done.dropped, mailbox.letters) == (1, [])


def test_a_letter_that_is_refused_for_its_words_says_nothing_of_the_address(
    mailbox: Mailbox,
) -> None:
    mailbox.content.append("554 5.7.1 Looks like spam")
    anna = donor()
    mail = queued(anna)

    letters.send_due()

    anna.refresh_from_db()
    assert state(mail) == ("bounced", 1, "554 5.7.1 Looks like spam")
    assert anna.bounced_at is None


def test_a_server_that_takes_nothing_of_ours_costs_no_letter_a_try(mailbox: Mailbox) -> None:
    mailbox.sender = "530 5.7.0 Authentication required"
    anna = donor()
    mails = [queued(anna, key=f"thanks:{n}") for n in range(3)]

    done = letters.send_due()

    assert done.is_server_away
    assert [state(mail)[:2] for mail in mails] == [("waiting", 0)] * 3


def test_without_a_server_letters_wait(settings: Settings, mailbox: Mailbox) -> None:
    mail = queued(donor())
    settings.MAILERS = mailers(1)

    away = letters.send_due()
    settings.MAILERS = mailers(mailbox.port)
    with clock.showing(clock.now() + timedelta(minutes=5)):
        back = letters.send_due()

    assert (away.is_server_away, back.sent) == (True, 1)
    assert state(mail) == ("sent", 1, "")


def test_an_answer_that_was_lost_brings_the_same_letter_under_the_same_name(
    mailbox: Mailbox,
) -> None:
    mailbox.content.append("hang up")
    anna = donor()
    queued(anna)
    queued(anna, key="thanks:2")

    letters.send_due()
    with clock.showing(clock.now() + timedelta(minutes=2)):
        letters.send_due()

    names = [letter["Message-ID"] for letter in mailbox.letters]
    assert len(names) == 3
    assert len(set(names)) == 2


def test_a_worker_that_died_with_letters_in_hand_leaves_them_to_the_next(
    mailbox: Mailbox,
) -> None:
    queued(donor())
    claimed = letters._claim(10)

    meanwhile = letters.send_due()
    with clock.showing(clock.now() + timedelta(seconds=letters.LEASE_S + 1)):
        later = letters.send_due()

    assert [len(claimed), meanwhile.count, later.sent] == [1, 0, 1]


def test_one_letter_that_cannot_be_written_stops_no_other(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(mail: Mail) -> letters.Told:
        raise LookupError("anna@example.org")

    monkeypatch.setitem(letters.KINDS, "broken", letters.Kind(tell=fails))
    anna = donor()
    broken = queued(anna, "broken", "broken:1")
    queued(anna)

    done = letters.send_due()

    assert (done.sent, done.later) == (1, 1)
    assert state(broken) == ("waiting", 1, "not written: LookupError")


@pytest.mark.parametrize(
    "name",
    ["Anna\r\nBcc: all@example.org", "Anna\nSubject: Win", "‮annA", "\x07Anna"],
)
def test_a_name_adds_no_header_and_turns_no_text(name: str, mailbox: Mailbox) -> None:
    queued(donor(DonorFacts(name=name, email="anna@example.org")), what=f"a gift {name}")

    letters.send_due()

    (envelope,), (letter,) = mailbox.envelopes, mailbox.letters
    assert envelope.rcpt_tos == ["anna@example.org"]
    assert "Bcc" not in letter
    assert letter["Subject"].startswith("About a gift")
    assert not {"\n", "\r", "‮", "\x07"} & set(letter["Subject"])


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "nobody",
        "я@example.org",
    ],
)
def test_what_is_no_one_address_gets_no_letter(address: str, mailbox: Mailbox) -> None:
    mail = queued(donor(DonorFacts(name="Anna", email=address)))

    letters.send_due()

    assert mailbox.envelopes == []
    assert state(mail)[0] in {"bounced", "dropped"}


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Anna Kovalenko", "Anna Kovalenko"),
        ("王伟", "王伟"),
        ("محمد", "محمد"),
        ("J. R. O’Neil-Sørensen", "J. R. O’Neil-Sørensen"),
        ("You won! www.win.example", ""),
        ("https://win.example", ""),
        ("win.example", ""),
        ("anna@example.org", ""),
        ("A" * 61, ""),
        (" An\tna\x07 ", "An na"),
    ],
)
def test_nobody_is_greeted_by_an_advertisement(name: str, greeted: str) -> None:
    assert mailing.greeting_name(name) == greeted


def test_whoever_was_forgotten_gets_no_letter(mailbox: Mailbox) -> None:
    anna = donor()
    queued(anna)

    actions.erase(donor=anna)
    later = queued(anna, key="thanks:2")
    letters.send_due()

    assert state(later) == ("dropped", 1, "forgotten")
    assert mailbox.letters == []


def test_news_can_be_declined_with_one_click_from_the_mail_program(
    mailbox: Mailbox, client: Client
) -> None:
    anna = donor()
    queued(anna, "news", "news:1")
    letters.send_due()
    (letter,) = mailbox.letters
    address = str(letter["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")

    seen = client.get(address)
    anna.refresh_from_db()
    wanted_after_looking = anna.wants_news
    answer = client.post(address, {"List-Unsubscribe": "One-Click"})
    mail = queued(anna, "news", "news:2")
    receipt = queued(anna)
    letters.send_due()

    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (seen.status_code, answer.status_code, wanted_after_looking) == (200, 200, True)
    assert not seen.cookies
    assert not answer.cookies
    assert state(mail) == ("dropped", 1, "declined")
    assert state(receipt)[0] == "sent"


def test_who_declined_may_ask_for_news_again(client: Client) -> None:
    anna = donor(wants_news=False)
    address = letters._leave_url(anna).removeprefix("http://localhost:8000")

    page = client.post(address, {"news": "yes"})

    anna.refresh_from_db()
    assert anna.wants_news
    assert b"again" in page.content


@pytest.mark.parametrize("token", ["00", "zz", "é", "0" * 5000])
def test_a_made_up_address_declines_nothing(token: str, client: Client) -> None:
    donor()

    assert client.post(f"/en/letters/{token}/").status_code == 404
