"""Letters to donors: queued with what they are about, sent by the worker, returned by servers.

A letter is queued in the transaction of its cause, so it exists if and only if that happened.
Before a server is spoken to, the letter is claimed (one more try, due again after a while); when
the server has taken it, it is marked as sent, each at once. So a crash sends a letter twice only
if it falls between the server's "250" and our commit, and then under the same Message-ID.
"""

import json
import logging
import smtplib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import connection, transaction
from django.db.models import F
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape, format_html, format_html_join
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twinhood.giving.core import mailing
from twinhood.giving.core.bounce import Bounce, Verdict, read_bounce
from twinhood.giving.core.mailing import Fate, Stage
from twinhood.giving.core.sealing import DonorFacts, NotOurs
from twinhood.giving.keys import link_secret, master_keys, open_donor, open_note, seal_note
from twinhood.giving.models import Donor, Issuer, Mail
from twinhood.kit import clock

logger = logging.getLogger(__name__)

SENDING_TASK = "giving.send_letters"
QUEUE = "letters"
# Letters under way at once: so many wait for their next try if we die meanwhile.
BATCH = 20
LEASE_S = 15 * 60
# While the server takes nothing at all, it is asked this seldom.
SERVER_WAIT_S = 120
# One job works for so long and then lets others run; another goes on.
JOB_S = 20.0
# So many letters to an address that came back make it dead, whatever the servers said.
BOUNCES_MAX = 3


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the templates of a letter get beside the donor, and what goes with it."""

    context: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()


def _facts(mail: Mail) -> Told:
    return Told(mail.facts)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of letter. Its words are `giving/letters/<name>_subject.txt` and `<name>.txt`.

    `is_news`: a donor may decline it. `is_urgent`: somebody sits and waits for it, so it overtakes
    others. `tell` reads what the words need when the letter is sent, with the donor's language
    active; None if there is nothing to tell any more.
    """

    is_news: bool = False
    is_urgent: bool = False
    tell: Callable[[Mail], Told | None] = field(default=_facts)


# Name → kind, at most 30 letters. A room's module adds its own when it is imported (apps.py).
KINDS: dict[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class NewLetter:
    """`key` makes the same cause one letter; `facts` are refs and numbers and name no person."""

    donor_id: int
    kind: str
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


def queue(
    donor: Donor,
    kind: str,
    key: str,
    facts: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Queue one letter in the caller's transaction. Safe to repeat: a `key` is one letter."""
    queue_many([NewLetter(donor.pk, kind, key, facts or {}, due_at)])


QUEUE_ALL = """
INSERT INTO giving_mail (
  donor_id, kind, key, facts, state, tries, due_at, message_id, problem
)
SELECT donor, kind, key, facts::jsonb, 'waiting', 0, due_at, '', '' FROM unnest(
  %(donors)s::bigint[], %(kinds)s::text[], %(keys)s::text[], %(facts)s::text[],
  %(due)s::timestamptz[]
) AS letters (donor, kind, key, facts, due_at)
ON CONFLICT (key) DO NOTHING
"""


@transaction.atomic
def queue_many(letters: Iterable[NewLetter]) -> None:
    """Queue many, as `queue` does, in one statement. Raises KeyError for an unknown kind."""
    now, rows = clock.now(), list(letters)
    due = [_due_at(KINDS[letter.kind], letter.due_at or now) for letter in rows]
    values: dict[str, Any] = {
        "donors": [letter.donor_id for letter in rows],
        "kinds": [letter.kind for letter in rows],
        "keys": [letter.key for letter in rows],
        "facts": [json.dumps(dict(letter.facts)) for letter in rows],
        "due": due,
    }
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(QUEUE_ALL, values)
    if any(due_at <= now for due_at in due):
        ask_for_sending()


def _due_at(kind: Kind, due_at: datetime) -> datetime:
    """The queue goes by this time: what is urgent counts as due since yesterday."""
    return due_at - timedelta(days=1) if kind.is_urgent else due_at


def ask_for_sending() -> None:
    """Defer the job in this same transaction; one that waits already is enough.

    If that one starts before we commit, it does not see our letter; the sweep of each minute does.
    """
    try:
        with transaction.atomic():
            app.configure_task(SENDING_TASK, queue=QUEUE, queueing_lock=SENDING_TASK).defer()
    except AlreadyEnqueued:
        pass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Letters that are due and not sent, and since when (UTC) the oldest is."""

    count: int
    oldest_at: datetime | None


def waiting() -> Waiting:
    due = Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=clock.now())
    return Waiting(due.count(), due.order_by("due_at").values_list("due_at", flat=True).first())


# --- sending


@dataclass(slots=True)
class Sent:
    """What `send_due` did; `later` wait for another try."""

    sent: int = 0
    dropped: int = 0
    bounced: int = 0
    later: int = 0
    is_server_away: bool = False

    @property
    def count(self) -> int:
        return self.sent + self.dropped + self.bounced + self.later


CLAIM = """
UPDATE giving_mail SET tries = tries + 1, due_at = %(at)s::timestamptz + %(lease)s
 WHERE id IN (
   SELECT id FROM giving_mail
    WHERE state = 'waiting' AND due_at <= %(at)s
    ORDER BY due_at, id LIMIT %(batch)s
      FOR UPDATE SKIP LOCKED
 )
RETURNING id
"""


def send_due(limit: int = 1_000, *, seconds: float = JOB_S) -> Sent:
    """Send what is due, at most `limit` letters in about so many seconds.

    Several may run at once: each letter is claimed by one.
    """
    done, until = Sent(), monotonic() + seconds
    with _Server() as server:
        while done.count < limit and monotonic() < until and not done.is_server_away:
            mails = _claim(min(BATCH, limit - done.count))
            if not mails:
                break
            _send_each(server, mails, done)
    if done.count:
        logger.info(
            "giving.letters sent=%d dropped=%d bounced=%d later=%d",
            done.sent, done.dropped, done.bounced, done.later,
        )  # fmt: skip
    return done


def _claim(count: int) -> list[Mail]:
    lease = timedelta(seconds=LEASE_S)
    values: dict[str, Any] = {"at": clock.now(), "lease": lease, "batch": count}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        ids = [pk for (pk,) in cursor]
    found = Mail.objects.select_related("donor__partnership__recipient").filter(pk__in=ids)
    return sorted(found, key=lambda mail: ids.index(mail.pk))


def _send_each(server: "_Server", mails: list[Mail], done: Sent) -> None:
    for number, mail in enumerate(mails):
        try:
            _send_one(server, mail, done)
        except _ServerAway as problem:
            done.is_server_away = True
            done.later += len(mails) - number
            _put_back(mails[number:], str(problem))
            logger.error("giving.letters_not_taken %s", problem)
            return


def _send_one(server: "_Server", mail: Mail, done: Sent) -> None:
    try:
        message = _message(mail)
    except _Dropped as reason:
        _finish(mail, Mail.State.DROPPED, str(reason))
        done.dropped += 1
        return
    except Exception as problem:  # one letter that cannot be written stops no other
        logger.exception("giving.letter_not_written kind=%s", mail.kind)
        _later(mail, f"not written: {type(problem).__name__}", done)
        return
    refusal = server.send(message)
    if refusal is None:
        _finish(mail, Mail.State.SENT, "")
        done.sent += 1
    elif refusal.fate == Fate.LATER:
        _later(mail, refusal.told, done)
    else:
        _finish(mail, Mail.State.BOUNCED, refusal.told)
        done.bounced += 1
        if refusal.fate == Fate.NO_SUCH_ADDRESS:
            _mark_dead(mail.donor)


def _finish(mail: Mail, state: Mail.State, problem: str) -> None:
    """Say what became of a letter, unless somebody else claimed it since."""
    at = clock.now()
    Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING, tries=mail.tries).update(
        state=state,
        sent_at=at if state == Mail.State.SENT else None,
        message_id=name_of(mail),
        problem=problem[:300],
    )


def _later(mail: Mail, problem: str, done: Sent) -> None:
    if mail.tries >= mailing.TRIES_MAX:
        _finish(mail, Mail.State.BOUNCED, problem)
        done.bounced += 1
        return
    due_at = clock.now() + timedelta(seconds=mailing.wait_s(mail.tries))
    Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING, tries=mail.tries).update(
        due_at=due_at, message_id=name_of(mail), problem=problem[:300]
    )
    done.later += 1


def _put_back(mails: Iterable[Mail], problem: str) -> None:
    """No fault of these letters: the try does not count."""
    due_at = clock.now() + timedelta(seconds=SERVER_WAIT_S)
    ids = [mail.pk for mail in mails]
    Mail.objects.filter(pk__in=ids, state=Mail.State.WAITING, tries__gt=0).update(
        tries=F("tries") - 1, due_at=due_at, problem=problem[:300]
    )


def _mark_dead(donor: Donor) -> None:
    Donor.objects.filter(pk=donor.pk, bounced_at=None).update(bounced_at=clock.now())


# --- the server


class _ServerAway(Exception):
    """The server takes nothing of ours at present; says why."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    fate: Fate
    told: str


class _Server:
    """One connection for many letters, opened again when the server closed it."""

    def __init__(self) -> None:
        self._mailer = mailers.default
        self._is_open = False

    def __enter__(self) -> "_Server":
        return self

    def __exit__(self, *problem: object) -> None:
        self._close()

    def _close(self) -> None:
        self._is_open = False
        with suppress(smtplib.SMTPException, OSError):
            self._mailer.close()

    def _open(self) -> None:
        try:
            self._mailer.open()
        except (smtplib.SMTPException, OSError) as problem:
            self._close()
            raise _ServerAway(f"{type(problem).__name__}: {_words(problem)}") from problem
        self._is_open = True

    def send(self, message: EmailMultiAlternatives) -> _Refusal | None:
        """Hand over; None if the server took it. Raises _ServerAway."""
        if not self._is_open:
            self._open()
        try:
            self._mailer.send_messages([message])
        except ValueError as problem:  # no address that SMTP could carry
            return _Refusal(Fate.NO_SUCH_ADDRESS, f"address: {problem}"[:200])
        except smtplib.SMTPRecipientsRefused as problem:
            code, told = next(iter(problem.recipients.values()))
            return self._refusal(Stage.RECEIVER, code, told)
        except smtplib.SMTPSenderRefused as problem:
            return self._refusal(Stage.SENDER, problem.smtp_code, problem.smtp_error)
        except smtplib.SMTPResponseException as problem:
            return self._refusal(Stage.CONTENT, problem.smtp_code, problem.smtp_error)
        except (smtplib.SMTPException, OSError) as problem:
            # Whether it was taken we cannot know (RFC 1047): it is sent again, under its old name.
            self._close()
            return _Refusal(Fate.LATER, f"{type(problem).__name__}: {_words(problem)}")
        return None

    def _refusal(self, stage: Stage, code: int, told: bytes | str) -> _Refusal:
        words = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        words = f"{code} {mailing.header_text(words)}"
        if code == 421:  # it is closing the connection
            self._close()
        decided = mailing.fate(stage, code, words)
        if decided == Fate.NOT_NOW:
            self._close()
            raise _ServerAway(words)
        return _Refusal(decided, words)


def _words(problem: Exception) -> str:
    return mailing.header_text(str(problem))


# --- writing


class _Dropped(Exception):
    """There is nobody to send this letter to, or nothing to say; a code says which."""


def name_of(mail: Mail) -> str:
    """The letter's own name: 26 letters and digits that nobody else can work out from its key."""
    return link_secret(f"letter:{mail.key}", master_keys())


def url(view: str, language: str, **kwargs: Any) -> str:
    """A page's whole address for a letter in this language."""
    with translation.override(language):
        return str(settings.SITE_URL) + reverse(view, kwargs=kwargs)


def _message(mail: Mail) -> EmailMultiAlternatives:
    """Write the letter. Raises _Dropped."""
    donor, kind = mail.donor, KINDS[mail.kind]
    facts = _reachable(donor, kind)
    with translation.override(donor.language):
        told = kind.tell(mail)
        if told is None:
            raise _Dropped("nothing to tell")
        leave_url = _leave_url(donor) if kind.is_news else ""
        context = _context(donor, facts) | {"leave_url": leave_url} | dict(told.context)
        subject = mailing.header_text(_render(f"{mail.kind}_subject.txt", context))
        text = _render(f"{mail.kind}.txt", context) + "\n\n-- \n" + _render("_foot.txt", context)
        html = _html(text, donor.language)
    name, sender = name_of(mail), str(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=_return_address(name),
        to=[facts.email],
        reply_to=[reply] if (reply := context["reply_to"]) else None,
        headers={"From": _sender(context["organisation"], sender), "Message-ID": _message_id(name)}
        | {"Auto-Submitted": "auto-generated"}
        | _unsubscribe_headers(leave_url),
    )
    message.attach_alternative(html, "text/html")
    for item in told.attachments:
        message.attach(item.name, item.content, item.media_type)
    return message


def _reachable(donor: Donor, kind: Kind) -> DonorFacts:
    if donor.sealed is None:
        raise _Dropped("forgotten")
    if donor.bounced_at is not None:
        raise _Dropped("address is dead")
    if kind.is_news and not donor.wants_news:
        raise _Dropped("declined")
    facts = open_donor(donor, master_keys())
    if "@" not in facts.email:
        raise _Dropped("no address")
    return facts


def _context(donor: Donor, facts: DonorFacts) -> dict[str, Any]:
    recipient = donor.partnership.recipient
    issuer = Issuer.objects.filter(organisation=recipient).first()
    return {
        "name": mailing.greeting_name(facts.name),
        "organisation": issuer.legal_name if issuer else str(recipient),
        "reply_to": issuer.contact_email if issuer else "",
        "partnership": donor.partnership,
        "is_example": donor.partnership.is_example,
        "language": donor.language,
        "site_url": settings.SITE_URL,
    }


def _render(name: str, context: Mapping[str, Any]) -> str:
    """A letter's text: nothing is escaped in it, and nothing in it is ever read as markup."""
    template = get_template(f"giving/letters/{name}").template  # type: ignore[attr-defined]
    return str(template.render(Context(dict(context), autoescape=False))).strip()


def _html(text: str, language: str) -> str:
    """The same text as simple HTML: paragraphs, and our own addresses as links, no others."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    body = format_html_join("\n", "<p>{}</p>", ((_lines(part),) for part in paragraphs))
    return format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"></head>'
        "<body>\n{}\n</body></html>\n",
        language,
        body,
    )


def _lines(paragraph: str) -> str:
    # A break after the last line of a paragraph shows nothing.
    lines = ((_line(line),) for line in paragraph.strip().splitlines())
    return format_html_join("\n", "{}<br>", lines)


def _line(line: str) -> str:
    return format_html_join(" ", "{}", ((_word(word),) for word in line.split(" ")))


def _word(word: str) -> str:
    is_ours = word.startswith(f"{settings.SITE_URL}/")
    return format_html('<a href="{0}">{0}</a>', word) if is_ours else escape(word)


# --- headers


def _domain() -> str:
    return _address(str(settings.DEFAULT_FROM_EMAIL)).domain or "localhost"


def _address(text: str) -> Address:
    return Address(addr_spec=text)


def _sender(organisation: str, address: str) -> str:
    parsed = _address(address)
    return str(Address(mailing.header_text(organisation, 80), parsed.username, parsed.domain))


def _message_id(name: str) -> str:
    return f"<{name}@{_domain()}>"


def _return_address(name: str) -> str:
    """Where servers return a letter: our address with the letter's name in it (RFC 5233)."""
    address = str(settings.MAIL_RETURN)
    if not address:
        return str(settings.DEFAULT_FROM_EMAIL)
    parsed = _address(address)
    return f"{parsed.username}+{name}@{parsed.domain}"


def _unsubscribe_headers(leave_url: str) -> dict[str, str]:
    """One click in the reader's mail program (RFC 2369, RFC 8058)."""
    if not leave_url:
        return {}
    return {
        "List-Unsubscribe": f"<{leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


_LEAVING = "no more news"


def _leave_url(donor: Donor) -> str:
    token = seal_note(str(donor.pk), master_keys(), _LEAVING)
    return url("giving:news", donor.language, token=token)


def donor_of_token(token: str) -> Donor | None:
    """Whose letter had this address; None for what is no such address."""
    try:
        pk = int(open_note(token, master_keys(), _LEAVING))
    except (NotOurs, ValueError):
        return None
    return Donor.objects.select_related("partnership__recipient").filter(pk=pk).first()


def want_news(donor: Donor, wants: bool) -> None:
    """Let letters of news come, or no more; receipts come in any case."""
    Donor.objects.filter(pk=donor.pk).update(wants_news=wants)


# --- what comes back


@transaction.atomic
def take_bounce(raw: bytes) -> Bounce | None:
    """Take a message that came to the return address; None if it speaks of no letter of ours.

    A letter that was returned counts as such; an address that is dead gets no more letters; who
    complained of one gets no more news. Safe to repeat.
    """
    bounce = read_bounce(raw)
    if bounce is None:
        return None
    mail = _mail_of(bounce)
    if mail is None:
        return None
    if bounce.verdict == Verdict.COMPLAINED:
        want_news(mail.donor, False)
    elif bounce.verdict == Verdict.FAILED:
        Mail.objects.filter(pk=mail.pk).update(
            state=Mail.State.BOUNCED, problem=f"returned: {bounce.status or '5'}"
        )
        if mailing.is_dead(bounce.status) or _has_bounced_often(mail.donor):
            _mark_dead(mail.donor)
    logger.info("giving.letter_returned kind=%s %s %s", mail.kind, bounce.verdict, bounce.status)
    return bounce


def _mail_of(bounce: Bounce) -> Mail | None:
    for name in bounce.names:
        found = Mail.objects.select_related("donor").filter(message_id=name).first()
        if found is not None:
            return found
    return None


def _has_bounced_often(donor: Donor) -> bool:
    letters = Mail.objects.filter(donor=donor).exclude(message_id="").order_by("-id")
    last = list(letters.values_list("state", flat=True)[:BOUNCES_MAX])
    return len(last) == BOUNCES_MAX and set(last) == {Mail.State.BOUNCED}
