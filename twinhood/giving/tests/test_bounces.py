"""What comes back: returned letters are read, and nobody can return what was not sent."""

import subprocess
import sys
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from twinhood.giving import letters
from twinhood.giving.core import mailing
from twinhood.giving.core.bounce import Verdict, read_bounce
from twinhood.giving.core.mailing import Fate, Stage
from twinhood.giving.keys import master_keys, seal_donor
from twinhood.giving.models import Donor, Mail
from twinhood.giving.tests import world
from twinhood.kit import clock

NAME = "abcdefghjkmnpqrstvwxyz0123"


def returned(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    name: str = NAME,
    to: str = "bounces@example.org",
    kind: str = "delivery-status",
    with_original: bool = True,
) -> bytes:
    """A report as mail servers make it (RFC 3462, RFC 3464)."""
    original = f"""
--edge
Content-Type: message/rfc822

Message-ID: <{name}@example.org>
Subject: Your receipt

…
"""
    return f"""From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <20230406@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="edge"

--edge
Content-Type: text/plain

I'm sorry to have to inform you.

--edge
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; anna@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status}

{original if with_original else ""}
--edge--
""".encode()


@pytest.mark.parametrize(
    ("raw", "verdict", "status", "names"),
    [
        (returned(), Verdict.FAILED, "5.1.1", (NAME,)),
        (returned(action="Delayed", status="4.4.1"), Verdict.DELAYED, "4.4.1", (NAME,)),
        (returned(status="none"), Verdict.FAILED, "", (NAME,)),
        (
            returned(to=f"bounces+{NAME}@example.org", with_original=False),
            Verdict.FAILED,
            "5.1.1",
            (NAME,),
        ),
        (returned(kind="feedback-report"), Verdict.COMPLAINED, "", (NAME,)),
    ],
    ids=["failed", "delayed", "no status", "only the return address", "complaint"],
)
def test_a_report_says_what_became_of_which_letter(
    raw: bytes, verdict: Verdict, status: str, names: tuple[str, ...]
) -> None:
    bounce = read_bounce(raw)

    assert bounce is not None
    assert (bounce.verdict, bounce.status, bounce.names) == (verdict, status, names)


def test_headers_alone_are_enough_of_the_original() -> None:
    headers = f"--edge\nContent-Type: text/rfc822-headers\n\nmessage-id: <{NAME}@example.org>\n"
    raw = returned(with_original=False).replace(b"--edge--", headers.encode() + b"\n--edge--")

    bounce = read_bounce(raw)

    assert bounce is not None
    assert bounce.names == (NAME,)


def test_what_is_no_report_is_none() -> None:
    answer = EmailMessage()
    answer["Subject"] = "Thank you!"
    answer["In-Reply-To"] = f"<{NAME}@example.org>"
    answer.set_content("550 5.1.1 is a fine number.")

    assert read_bounce(answer.as_bytes()) is None
    assert read_bounce(returned(action="delivered", status="2.0.0")) is None


@given(st.binary(max_size=600), st.integers(0, 2000))
def test_no_bytes_break_the_reader(noise: bytes, at: int) -> None:
    raw = returned()

    read_bounce(noise)
    found = read_bounce(raw[:at] + noise + raw[at:])

    assert found is None or found.verdict in Verdict


@pytest.mark.parametrize(
    ("stage", "code", "told", "expected"),
    [
        (Stage.RECEIVER, 550, "550 5.1.1 unknown", Fate.NO_SUCH_ADDRESS),
        (Stage.RECEIVER, 550, "550 unknown user", Fate.NO_SUCH_ADDRESS),
        (Stage.RECEIVER, 550, "550 5.2.1 disabled", Fate.NO_SUCH_ADDRESS),
        (Stage.RECEIVER, 550, "550 5.7.1 your host is listed", Fate.REFUSED),
        (Stage.RECEIVER, 550, "550 5.1.8 bad sender", Fate.REFUSED),
        (Stage.RECEIVER, 554, "554 no", Fate.REFUSED),
        (Stage.RECEIVER, 450, "450 4.2.0 greylisted", Fate.LATER),
        (Stage.RECEIVER, 452, "452 4.2.2 full", Fate.LATER),
        (Stage.CONTENT, 552, "552 too large", Fate.REFUSED),
        (Stage.CONTENT, 550, "550 5.1.1 unknown", Fate.NO_SUCH_ADDRESS),
        (Stage.CONTENT, 451, "451 local error", Fate.LATER),
        (Stage.SENDER, 550, "550 5.7.1 not you", Fate.NOT_NOW),
        (Stage.SENDER, 421, "421 too many", Fate.NOT_NOW),
    ],
)
def test_a_refusal_counts_for_what_it_speaks_of(
    stage: Stage, code: int, told: str, expected: Fate
) -> None:
    assert mailing.fate(stage, code, told) == expected


@given(st.integers(1, 1000))
def test_the_waits_grow_up_to_a_day(tries: int) -> None:
    waits = [mailing.wait_s(n) for n in range(1, tries + 1)]

    assert waits[0] == 60
    assert waits == sorted(waits)
    assert waits[-1] <= 24 * 60 * 60


def test_giving_up_takes_at_least_four_days() -> None:
    total_s = sum(mailing.wait_s(n) for n in range(1, mailing.TRIES_MAX))

    assert 4 * 86_400 <= total_s <= 8 * 86_400


def sent_letter(number: int = 1, donor: Donor | None = None) -> Mail:
    if donor is None:
        donor = Donor(partnership=world.partnership())
        seal_donor(donor, world.ANNA, master_keys())
        donor.save()
    mail = Mail(donor=donor, kind="receipt", key=f"receipt:{number}", due_at=clock.now())
    mail.state, mail.message_id = Mail.State.SENT, letters.name_of(mail)
    mail.save()
    return mail


@pytest.mark.django_db
def test_a_dead_address_is_noticed() -> None:
    mail = sent_letter()

    for _ in range(2):
        letters.take_bounce(returned(name=mail.message_id))

    mail.refresh_from_db()
    mail.donor.refresh_from_db()
    assert (mail.state, mail.problem) == ("bounced", "returned: 5.1.1")
    assert mail.donor.bounced_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "is_dead"), [(1, False), (2, False), (3, True)])
def test_three_returned_letters_make_an_address_dead_whatever_was_said(
    count: int, is_dead: bool
) -> None:
    first = sent_letter()
    mails = [first, *(sent_letter(n, first.donor) for n in range(2, count + 1))]

    for mail in mails:
        letters.take_bounce(returned(name=mail.message_id, status="5.0.0"))

    first.donor.refresh_from_db()
    assert (first.donor.bounced_at is not None) is is_dead


@pytest.mark.django_db
def test_a_complaint_ends_news_and_a_delay_changes_nothing() -> None:
    mail = sent_letter()

    letters.take_bounce(returned(name=mail.message_id, action="delayed", status="4.4.1"))
    mail.refresh_from_db()
    delayed = mail.state
    letters.take_bounce(returned(name=mail.message_id, kind="feedback-report"))

    mail.donor.refresh_from_db()
    assert delayed == Mail.State.SENT
    assert not mail.donor.wants_news
    assert mail.donor.bounced_at is None


@pytest.mark.django_db
def test_nobody_can_return_a_letter_whose_name_they_do_not_know() -> None:
    mail = sent_letter()

    taken = letters.take_bounce(returned())

    mail.refresh_from_db()
    assert taken is None
    assert mail.state == Mail.State.SENT


@pytest.mark.django_db(transaction=True)
def test_the_command_takes_a_message_from_a_mail_server(settings: Settings) -> None:
    """As a pipe of a mail server runs it, in a process of its own."""
    from django.db import connection

    mail = sent_letter()
    found = connection.get_connection_params()
    url = (
        f"postgresql://{found['user']}@/{found['dbname']}?host={found['host']}&port={found['port']}"
    )

    done = subprocess.run(
        [sys.executable, "manage.py", "take_bounce"],
        input=returned(name=mail.message_id),
        env={"DATABASE_URL": url, "PATH": ""},
        capture_output=True,
        check=False,
    )

    mail.refresh_from_db()
    assert (done.returncode, done.stdout) == (0, b"failed 5.1.1\n")
    assert mail.state == Mail.State.BOUNCED
