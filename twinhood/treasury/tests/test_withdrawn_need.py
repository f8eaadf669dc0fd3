"""Scenario S10: a need is withdrawn after it was funded; each cent is followed through."""

from datetime import date, timedelta
from html import unescape

import pytest
from django.core import mail
from django.test import Client

from twinhood.giving import letters, reallocation, refunding, withdrawn_money
from twinhood.giving import queries as gifts
from twinhood.giving.actions import post_settled, take_in
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Choice, Gift, Mail, Reallocation, Refund
from twinhood.giving.tests import world as givers
from twinhood.kit import clock
from twinhood.ledger import queries as books
from twinhood.ledger.models import Account, Fund
from twinhood.needs import actions as needs
from twinhood.needs.errors import MoneyWasGiven
from twinhood.needs.models import Need
from twinhood.needs.tests.world import AT, DAY, World, words
from twinhood.treasury.resolving import propose, resolve

pytestmark = pytest.mark.django_db
# The scenario's money, in cents.
GRANT = 5_000_000
ASKED, ASKED_FEES, ASKERS = 311_500, 9_840, 37
RECEIVED, FEES = 41_230_000, 987_654
LATER = AT + timedelta(days=31)


class Story(World):
    """The world in which an MRI was paid for, and then a state donor brings one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mri = self.in_campaign(
            category=Need.Category.MRI, title=words("MRI scanner"), quantity=1,
            unit_price_minor=45_000_000,
        )  # fmt: skip
        needs.set_terms(
            campaign=self.campaign,
            fallback_purpose=words("X-ray and ambulances for the same hospital"),
            surplus_rule=words("The same"),
            ends_date=DAY + timedelta(days=300),
        )
        self.adopt_all()
        needs.open_campaign(campaign=self.campaign, today=DAY)
        self.mri.refresh_from_db()
        self.mri = needs.open_fund(need=self.mri, at=AT)
        self.partnership.refresh_from_db()

    def gift(self, number: int, amount_minor: int, fee_minor: int = 0) -> OfflineGift:
        return givers.cheque(
            amount_minor,
            DonorFacts(name=f"Donor {number}", email=f"donor{number}@example.org"),
            key=f"s10-{number}",
            fund_code=self.mri.fund.code,  # type: ignore[union-attr]
            fee_minor=fee_minor,
            received_date=DAY,
        )

    def posted(self, *rows: OfflineGift) -> list[Gift]:
        return givers.posted(self.partnership, *rows)

    @property
    def free_minor(self) -> int:
        return Fund.objects.get(need=self.mri).free_minor

    def asked(self) -> Reallocation:
        return reallocation.ask(
            need=self.mri, person=self.bondar, reason="A state donor delivers one",
            proof="Letter 114/2 of the ministry",
        )  # fmt: skip

    def choosing(self) -> Reallocation:
        return reallocation.confirm(reallocation=self.asked(), person=self.oleh)


@pytest.fixture
def story() -> Story:
    with clock.showing(AT):
        return Story()


def s10_gifts(story: Story) -> list[Gift]:
    """37 who will ask ($3,115.00, of it $98.40 fees), a grant of $50,000.00, and the others."""
    each, fee = divmod(ASKED, ASKERS)[0], ASKED_FEES // ASKERS
    rows = [story.gift(n, each, fee) for n in range(1, ASKERS)]
    rows.append(story.gift(ASKERS, ASKED - each * 36, ASKED_FEES - fee * 36))
    rows.append(story.gift(100, GRANT))
    rest, rest_fee = RECEIVED - ASKED - GRANT, FEES - ASKED_FEES
    rows += [story.gift(101, rest // 2, rest_fee // 2)]
    rows += [story.gift(102, rest - rest // 2, rest_fee - rest_fee // 2)]
    return story.posted(*rows)


def test_scenario_s10_ends_with_its_numbers_and_every_cent_is_followed(story: Story) -> None:
    with clock.showing(AT):
        given = s10_gifts(story)
        assert sum(gift.amount_minor for gift in given) == RECEIVED
        assert story.free_minor == 40_242_346
        found = story.choosing()
        for gift in given[:ASKERS]:
            reallocation.choose(gift=gift, answer=Choice.Answer.REFUND)
        grant = given[ASKERS]
        withdrawn_money.mark_return_right(gift=grant, terms="If no MRI is bought", person=story.tom)

    with clock.showing(LATER):
        paid = withdrawn_money.refund_asked(reallocation=found, person=story.tom)
        assert (paid.booked, paid.waiting, paid.failed) == (ASKERS, 0, 0)
        after_refunds = story.free_minor
        assert withdrawn_money.why_not_resolve(found) == "grants_wait"
        assert withdrawn_money.return_grant(gift=grant, person=story.tom) == "waiting"
        request = grant.refund_requests.get()
        refunding.confirm(request=request, person=story.lesia)
        after_grant = story.free_minor
        sums = withdrawn_money.sums(found)
        propose(reallocation=found, person=story.tom, text="Minutes 12/2026", day=LATER.date())
        with pytest.raises(reallocation.CannotReallocate, match="same_person"):
            resolve(reallocation=found, person=story.tom)
        done = resolve(reallocation=found, person=story.lesia)
        again = resolve(reallocation=found, person=story.lesia)

    assert (after_refunds, after_grant) == (39_940_686, 34_940_686)
    assert (sums.back_minor, sums.back_line_minor, sums.back_operating_minor) == (
        311_500, 301_660, 9_840,
    )  # fmt: skip
    assert done.moved_minor == again.moved_minor == 34_940_686
    assert story.free_minor == 0
    assert Fund.objects.get(code="main").free_minor == 34_940_686
    operating = Account.objects.get(code=f"operating:{story.charity.pk}")
    assert operating.balance_minor == 9_840
    stayed = given[-1]
    trace = books.trace(partnership=story.partnership, key=stayed.key)
    assert trace is not None
    assert [(part.to, part.span.length) for part in trace.parts] == [
        ("exchange", stayed.net_minor), ("free", stayed.net_minor),
    ]  # fmt: skip


def test_a_need_with_money_is_not_withdrawn_by_one_person(story: Story) -> None:
    with clock.showing(AT):
        story.posted(story.gift(1, 2500))
        with pytest.raises(MoneyWasGiven):
            needs.withdraw(need=story.mri, reason="No")
        found = story.asked()
        with pytest.raises(reallocation.CannotReallocate, match="same_person"):
            reallocation.confirm(reallocation=found, person=story.bondar)
        reallocation.confirm(reallocation=found, person=story.oleh)

    story.mri.refresh_from_db()
    assert story.mri.state == Need.State.WITHDRAWN


def test_a_refused_withdrawal_leaves_the_need_as_it_was(story: Story) -> None:
    with clock.showing(AT):
        story.posted(story.gift(1, 2500))
        reallocation.refuse(reallocation=story.asked(), person=story.oleh)

    story.mri.refresh_from_db()
    assert story.mri.state == Need.State.VERIFIED
    assert reallocation.reallocation_of(story.mri) is None


def test_donors_are_asked_once_and_again_for_what_they_gave_since(story: Story) -> None:
    with clock.showing(AT):
        story.posted(story.gift(1, 2500), story.gift(2, 5000))
        found = story.choosing()
        reallocation.ask_donors(found)
        assert Mail.objects.filter(kind="choice").count() == 2

        donor, code = DonorFacts(email="donor1@example.org"), found.fund.code
        story.posted(givers.cheque(100, donor, key="late", fund_code=code, received_date=DAY))
        reallocation.ask_donors(found)

    assert Mail.objects.filter(kind="choice").count() == 3


def test_the_letters_link_opens_the_choice_and_nobody_elses_does(
    story: Story, client: Client
) -> None:
    with clock.showing(AT):
        first, second = story.posted(story.gift(1, 2500), story.gift(2, 5000))
        found = story.choosing()
        letters.send_due()
        letter = next(m for m in mail.outbox if m.to == ["donor1@example.org"])
        token = reallocation.token_of(found, first)
        wrong = second.ref + token[len(first.ref) :]
        seen = client.get(f"/en/t/{token}/choice/")
        other = client.get(f"/en/t/{wrong}/choice/")
        chosen = client.post(f"/en/t/{token}/choice/", {"answer": "refund"}, follow=True)

    assert f"/en/t/{token}/choice/" in str(letter.body)
    assert "X-ray and ambulances for the same hospital" in str(letter.body)
    assert seen.status_code == 200
    assert other.status_code == 404
    assert "You asked for $25.00 back" in unescape(chosen.content.decode())
    assert Choice.objects.get().gift == first


def test_whoever_was_shown_the_gifts_way_cannot_choose_but_have_the_letter_sent_again(
    story: Story, client: Client
) -> None:
    with clock.showing(AT):
        row = story.gift(1, 2500)
        taken = take_in(partnership=story.partnership, person=None, rows=[row])
        post_settled()
        story.choosing()
        way = f"/en/t/{taken.new[0].secret}/"
        trace = client.get(way).content.decode()
        shown = client.get(way + "choice/").content.decode()
        tried = client.post(way + "choice/", {"answer": "refund"})
        for _ in range(5):
            client.post(way + "choice/")
        own = reallocation.token_of(Reallocation.objects.get(), Gift.objects.get())

    assert way + "choice/" in trace
    assert own not in trace + shown
    assert "went to the address that came with the gift" in shown
    assert 'name="answer"' not in shown
    assert tried.status_code == 302
    assert not Choice.objects.exists()
    assert Mail.objects.filter(kind="choice").count() == 1 + reallocation.AGAIN_MAX


def test_who_gave_without_an_address_is_told_whom_to_tell(story: Story, client: Client) -> None:
    with clock.showing(AT):
        code = story.mri.fund.code  # type: ignore[union-attr]
        nobody = DonorFacts()
        row = givers.cheque(100, nobody, key="s10-none", fund_code=code, received_date=DAY)
        taken = take_in(partnership=story.partnership, person=None, rows=[row])
        post_settled()
        story.choosing()
        shown = client.get(f"/en/t/{taken.new[0].secret}/choice/").content.decode()

    assert "No address came with this gift" in shown
    assert Gift.objects.get().ref in shown


def test_a_choice_can_change_until_the_day_and_not_after(story: Story) -> None:
    with clock.showing(AT):
        (gift,) = story.posted(story.gift(1, 2500))
        found = story.choosing()
        reallocation.choose(gift=gift, answer=Choice.Answer.REFUND)
        reallocation.choose(gift=gift, answer=Choice.Answer.STAY)
    with clock.showing(LATER):
        with pytest.raises(reallocation.CannotReallocate, match="too_late"):
            reallocation.choose(gift=gift, answer=Choice.Answer.REFUND)
        withdrawn_money.refund_asked(reallocation=found, person=story.tom)

    assert found.deadline_date == date(2026, 10, 1)
    assert not Refund.objects.exists()


def test_who_is_silent_stays_and_the_board_decides_only_after_the_time(story: Story) -> None:
    with clock.showing(AT):
        story.posted(story.gift(1, 2500))
        found = story.choosing()
        with pytest.raises(reallocation.CannotReallocate, match="too_early"):
            propose(reallocation=found, person=story.tom, text="x", day=DAY)
    with clock.showing(LATER):
        with pytest.raises(reallocation.CannotReallocate, match="moved_on"):
            resolve(reallocation=found, person=story.lesia)
        propose(reallocation=found, person=story.tom, text="Minutes 12", day=LATER.date())
        resolve(reallocation=found, person=story.lesia)

    assert Fund.objects.get(code="main").free_minor == 2500
    assert Mail.objects.filter(kind="resolved").count() == 1


def test_the_desk_walks_through_it_with_its_roles(story: Story) -> None:
    page = f"/en/desk/{story.partnership.slug}/needs/{story.mri.number}/money/"
    with clock.showing(AT):
        (gift,) = story.posted(story.gift(1, 2500))
        story.give_role(story.bondar, story.hospital, "verifier")  # type: ignore[arg-type]
        bondar, oleh = story.signed_in(story.bondar), story.signed_in(story.oleh)
        bondar.post(page, {"step": "ask", "ask-reason": "A donor brings one", "ask-proof": "114"})
        own = bondar.post(page, {"step": "confirm"})
        confirmed = oleh.post(page, {"step": "confirm"}, follow=True)
        tom = story.signed_in(story.tom)
        tom.post(page, {"step": "answer", "answer-ref": gift.ref, "answer-answer": "refund"})
    with clock.showing(LATER):
        early = tom.post(
            page, {"step": "resolve", "resolve-text": "M 12", "resolve-day": "2026-10-02"}
        )
        back = tom.post(page, {"step": "refund"}, follow=True)
        recorded = tom.post(
            page,
            {"step": "resolve", "resolve-text": "Minutes 12", "resolve-day": "2026-10-02"},
            follow=True,
        )
        alone = tom.post(page, {"step": "move"})
        lesia = story.signed_in(story.lesia)
        waiting = lesia.get(f"/en/desk/{story.partnership.slug}/")
        moved = lesia.post(page, {"step": "move"}, follow=True)

    assert own.status_code == 422
    assert "takes no gift any more" in confirmed.content.decode()
    assert early.status_code == 422
    assert "Given back: 1." in back.content.decode()
    assert "Another person moves the money" in recorded.content.decode()
    assert alone.status_code == 422
    assert page in waiting.content.decode()
    assert "The money is moved" in moved.content.decode()
    assert gifts.left_of(gift).total_minor == 0


def test_a_need_without_money_is_withdrawn_on_its_own_page(story: Story) -> None:
    page = f"/en/desk/{story.partnership.slug}/needs/{story.mri.number}/money/"
    with clock.showing(AT):
        bondar = story.signed_in(story.bondar)
        answer = bondar.post(page, {"step": "ask", "ask-reason": "x", "ask-proof": "y"})

        needs.withdraw(need=story.mri, reason="No longer needed")

    assert answer.status_code == 422
    assert not Reallocation.objects.exists()


def test_nothing_is_posted_twice_when_the_sweep_runs_again(story: Story) -> None:
    with clock.showing(AT):
        story.posted(story.gift(1, 2500))
        story.choosing()
        reallocation.sweep()
        reallocation.sweep()
        post_settled()

    assert Mail.objects.filter(kind="choice").count() == 1
