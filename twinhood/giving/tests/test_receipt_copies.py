"""A receipt that goes out is sealed in the log, and anybody who holds it can check it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from twinhood.documents import sealed
from twinhood.documents.models import Document, LoggedRevision, Slot
from twinhood.documents.tests.tampering import title
from twinhood.giving import actions, receipt_pdf, receipts
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.letters import send_due
from twinhood.giving.models import Gift, Receipt
from twinhood.giving.receipt_writing import secret_of
from twinhood.giving.tests import world
from twinhood.giving.tests.test_receipts import given_with_link, mailbox, pair, refunded
from twinhood.kit.tests.mailbox import Mailbox
from twinhood.ledger.actions import lock_books
from twinhood.translog import actions as translog
from twinhood.translog.core import canonical
from twinhood.translog.models import Leaf

__all__ = ["mailbox"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def gift() -> Gift:
    """Anna's, with a receipt."""
    stamford = pair()
    (given,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    return given


@pytest.fixture(autouse=True)
def _own_log(settings: Any, tmp_path: Path) -> None:
    settings.LOG_DIR = tmp_path / "log"


def receipt_of(gift: Gift) -> Receipt:
    found = receipts.receipt_of(gift)
    assert found is not None
    return found


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def bring(client: Client, data: bytes, at: str = "/en/v/") -> Any:
    return client.post(at, {"paper": SimpleUploadedFile("copy.pdf", data, "application/pdf")})


def code_of(receipt: Receipt) -> str:
    return Document.objects.get(about=receipt_pdf.about(receipt)).code


def test_its_hash_is_in_the_log_once_before_it_goes_out_and_tells_nothing_else(gift: Gift) -> None:
    receipt = receipt_of(gift)

    first, again = receipt_pdf.render(receipt), receipt_pdf.render(receipt)

    leaves = [canonical.decode(bytes(one.data)) for one in Leaf.objects.order_by("id")]
    (leaf,) = [one for one in leaves if one["kind"] == "sealed"]
    assert first == again
    assert leaf.keys() == {"date", "kind", "partnership", "sha256"}
    assert LoggedRevision.objects.get().revision.sha256 == leaf["sha256"]
    assert code_of(receipt) not in str(leaves)


def test_the_copy_in_the_letter_is_the_sealed_one(gift: Gift, mailbox: Mailbox) -> None:
    send_due()

    (letter,) = mailbox.letters
    (pdf,) = letter.iter_attachments()
    assert pdf.get_content() == receipt_pdf.render(receipt_of(gift))
    assert Document.objects.count() == 1


def test_whoever_holds_it_is_told_that_it_is_good(client: Client, gift: Gift) -> None:
    receipt = receipt_of(gift)
    data = receipt_pdf.render(receipt)

    waiting = words(bring(client, data))
    translog.seal()
    holds = words(bring(client, data))
    by_code = words(client.get(f"/en/v/{code_of(receipt)}/"))
    in_ukrainian = words(bring(client, data, "/uk/v/"))

    assert "Not everything is shown" in waiting
    assert "no checkpoint covers it yet" in waiting
    for page in (holds, in_ukrainian):
        assert "verdict holds" in page
    assert "It is what was issued, byte for byte." in holds
    assert "The receipt is in force: nothing has replaced or cancelled it." in holds
    assert "його видано саме таким" in in_ukrainian
    for said in ("Example Aid Inc.", "The receipt is in force", "A receipt names its giver"):
        assert said in by_code
    for private in ("Anna", "25.00", gift.ref):
        assert private not in by_code


def test_a_bit_changed_is_not_the_receipt(client: Client, gift: Gift) -> None:
    receipt = receipt_of(gift)
    data = receipt_pdf.render(receipt)
    translog.seal()
    address = f"/en/v/{code_of(receipt)}/"

    for place in range(len(data) // 9, len(data), len(data) // 9):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        page = words(bring(client, changed, address))
        assert "verdict holds" not in page
        assert "verdict" in page
    longer = words(bring(client, data + b"\n% more", address))
    assert "verdict holds" not in longer


def test_another_receipt_is_not_this_one(client: Client) -> None:
    stamford = pair()
    one, two = world.posted(stamford, world.cheque(2500), world.cheque(2500))
    receipts.issue_due()
    good = receipt_pdf.render(receipt_of(one))
    receipt_pdf.render(receipt_of(two))
    translog.seal()

    page = words(bring(client, good, f"/en/v/{code_of(receipt_of(two))}/"))

    assert "It is not the paper that is kept here under this code." in page


def test_one_that_was_replaced_holds_and_is_not_green(client: Client, gift: Gift) -> None:
    old = receipt_of(gift)
    data = receipt_pdf.render(old)
    refunded(gift, 1000)
    (new,) = receipts.replace_for(gift, "")
    translog.seal()

    page = words(bring(client, data))
    by_code = words(client.get(f"/en/v/{code_of(old)}/"))

    assert "The paper holds, and is no longer in force" in page
    assert "verdict open" in page
    assert f"The receipt is no longer in force: {new} of" in page
    assert f"The receipt is no longer in force: {new} of" in by_code
    assert "took its place." in by_code


def test_one_that_was_cancelled_says_so_and_so_does_what_cancels_it(
    client: Client, gift: Gift
) -> None:
    old = receipt_of(gift)
    receipt_pdf.render(old)
    cancellation = receipts.cancel(old, "Wrong person")
    receipt_pdf.render(cancellation)

    assert "cancelled it." in words(client.get(f"/en/v/{code_of(old)}/"))
    page = words(client.get(f"/en/v/{code_of(cancellation)}/"))
    assert f"It cancels {old} and stands for no gift." in page


def test_what_cannot_be_known_is_needed_to_set_it_again(gift: Gift) -> None:
    """A guess at all that stands on it gives other bytes: there is a secret of its key in it."""
    receipt = receipt_of(gift)
    secret = secret_of(receipt)

    assert len(secret) == 32
    assert secret.encode() in receipt_pdf.render(receipt)
    Receipt.objects.filter(pk=receipt.pk).update(wrapped_key=None)
    receipt.refresh_from_db()
    with pytest.raises(NotOurs):
        receipt_pdf.render(receipt)


def test_one_that_is_set_differently_gets_another_code_and_the_older_copy_stays_good(
    client: Client, gift: Gift, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = receipt_of(gift)
    older = receipt_pdf.render(receipt)
    as_before = receipt_pdf.page
    monkeypatch.setattr(
        receipt_pdf, "page", lambda kept, mark, secret: as_before(kept, mark, secret=secret + "2")
    )

    newer = receipt_pdf.render(receipt)
    again = receipt_pdf.render(receipt)
    translog.seal()

    assert newer == again != older
    assert Document.objects.filter(about=receipt_pdf.about(receipt)).count() == 2
    for data in (older, newer):
        assert "verdict holds" in words(bring(client, data))


def test_a_donor_who_was_forgotten_leaves_a_receipt_that_can_be_checked_still(
    client: Client, gift: Gift
) -> None:
    data = receipt_pdf.render(receipt_of(gift))
    translog.seal()
    assert gift.donor is not None

    actions.erase(donor=gift.donor)

    assert "verdict holds" in words(bring(client, data))


def test_nobody_gets_a_place_for_a_signature_into_it(gift: Gift) -> None:
    receipt_pdf.render(receipt_of(gift))
    document = Document.objects.get()

    with pytest.raises(IntegrityError, match="no place for a signature"), transaction.atomic():
        Slot.objects.create(document=document, position=0, field_name="Side1", party={}, office={})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(is_private=False)


def test_two_who_ask_at_once_get_the_same(gift: Gift, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds, once it has waited, what the first made."""
    receipt, found, asked = receipt_of(gift), sealed._newest, []

    def late(subjects: Iterable[sealed.Subject]) -> dict[str, Document]:
        asked.append(subjects)
        if len(asked) == 1:
            first.append(receipt_pdf.render(receipt))
            return {}
        return found(subjects)

    first: list[bytes] = []
    monkeypatch.setattr(sealed, "_newest", late)

    assert receipt_pdf.render(receipt) == first[0]
    assert Document.objects.count() == 1


def test_several_are_sealed_at_once_in_their_order(client: Client) -> None:
    gifts = world.posted(pair(), *[world.cheque(2500 + number) for number in range(3)])
    receipts.issue_due()
    one, two, three = [receipt_of(gift) for gift in gifts]
    known = receipt_pdf.render(two)

    copies = receipt_pdf.render_all([three, two, one])
    translog.seal()

    assert copies[1] == known
    assert copies == [receipt_pdf.render(receipt) for receipt in (three, two, one)]
    assert Document.objects.count() == 3
    for receipt, data in zip((three, two, one), copies, strict=True):
        assert "verdict holds" in words(bring(client, data, f"/en/v/{code_of(receipt)}/"))


def test_what_was_added_to_a_receipt_speaks_against_it(client: Client, gift: Gift) -> None:
    """A page put over it by an incremental update begins with the very bytes that were issued."""
    receipt = receipt_of(gift)
    data = receipt_pdf.render(receipt)
    translog.seal()

    for added in (b"\n", b"\n% more", updated(data)):
        page = words(bring(client, data + added, f"/en/v/{code_of(receipt)}/"))
        assert "The paper does not hold" in page
        assert "The receipt is in force" not in page
        assert "It is not the paper that is kept here under this code." in page


def updated(data: bytes) -> bytes:
    """What a program writes at the end to set another title; all before stays as it was."""
    written = IncrementalPdfFileWriter(BytesIO(data))
    title(written)
    out = BytesIO()
    written.write(out)
    assert out.getvalue().startswith(data)
    return out.getvalue()[len(data) :]


@pytest.mark.django_db(transaction=True)
def test_a_copy_waits_for_nobody_who_posts(gift: Gift) -> None:
    """A long posting holds the books; who wants a receipt meanwhile has it at once."""
    receipt = receipt_of(gift)
    with ThreadPoolExecutor(1) as beside, transaction.atomic():
        lock_books(gift.partnership)
        assert beside.submit(elsewhere, receipt).result().startswith(b"%PDF-")


def elsewhere(receipt: Receipt) -> bytes:
    """A copy made over another connection, which waits two seconds for a lock and no longer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return receipt_pdf.render(receipt)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_make_one_leaf(gift: Gift) -> None:
    receipt = receipt_of(gift)

    with ThreadPoolExecutor(8) as many:
        copies = list(many.map(elsewhere, [receipt] * 16))

    assert len(set(copies)) == 1
    assert LoggedRevision.objects.count() == 1


def test_while_the_log_is_ahead_no_new_copy_goes_out(client: Client) -> None:
    """After a restore from an old backup its leaf could never be sealed. What has one is given."""
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    _, secret = given_with_link(stamford)
    receipts.issue_due()
    data = receipt_pdf.render(receipt_of(gift))
    with transaction.atomic():
        translog.seal()
        transaction.set_rollback(True)

    refused = client.get(f"/en/t/{secret}/receipt.pdf")

    assert receipt_pdf.render(receipt_of(gift)) == data
    assert refused.status_code == 503
    assert refused["Retry-After"]
    assert Document.objects.count() == 1
