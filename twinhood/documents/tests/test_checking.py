"""What is said of a signed paper, and that nothing is said that was not shown."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import (
    Anchor,
    Check,
    InLog,
    Kept,
    Known,
    Level,
    Place,
    Purpose,
    Report,
    Result,
    Verdict,
    as_json,
)
from twinhood.documents.core.checking_sentences import SENTENCES, TITLES
from twinhood.documents.core.checking_telling import told, verdict_of
from twinhood.documents.tests.signed_papers import (
    BEGAN,
    COUNTERSIGNED,
    FIELDS,
    NOW,
    SIGNED,
    STAMPED,
    World,
    certified,
    frozen,
    named,
    revocations,
    signed,
    stamped,
)


def checked(paper: bytes, known: Known) -> Report:
    return check(paper, known, at=NOW)


def found(report: Report, code: str) -> list[Check]:
    return [one for one in report.every_check() if one.code == code]


def decisive(report: Report) -> str:
    return "" if report.decisive is None else report.decisive.code


def test_a_finished_paper_holds_and_names_who_signed(complete: bytes, trusting: Known) -> None:
    report = checked(complete, trusting)

    assert report.verdict is Verdict.HOLDS
    assert [one.holder.office for one in report.approvals if one.holder] == [
        "Head of the City Military Administration",
        "Mayor",
    ]
    assert [one.level for one in report.approvals] == [Level.ARCHIVE, Level.ARCHIVE]
    assert [one.proven_at for one in report.approvals] == [SIGNED, COUNTERSIGNED]
    assert all(one.trusted_by == "the test's list" for one in report.signatures)
    assert verdict_of(report).startswith("Holds. Signed by DEMO, Head of the City")


def test_each_check_of_a_finished_paper_passed_or_is_a_note(
    complete: bytes, trusting: Known
) -> None:
    report = checked(complete, trusting)

    assert {one.result for one in report.every_check()} <= {Result.PASSED, Result.NOTED}
    assert found(report, "archive") == [Check("archive", Result.NOTED, {"claims": "2A"})]


def test_each_signature_shows_the_revision_that_it_covers(complete: bytes, trusting: Known) -> None:
    report = checked(complete, trusting)

    sizes = {one.number: one.size for one in report.revisions}
    assert [sizes[one.revision] for one in report.signatures] == [
        one.covers for one in report.signatures
    ]
    for one in report.revisions:
        assert sha256(complete[: one.size]).hexdigest() == one.sha256


def test_an_older_revision_is_a_paper_of_its_own(complete: bytes, trusting: Known) -> None:
    first = checked(complete, trusting).approvals[0]

    report = checked(complete[: first.covers], trusting)

    assert (report.verdict, decisive(report)) == (Verdict.OPEN, "slots")
    assert found(report, "slots")[0].facts == {"signed": 1, "slots": 2, "missing": FIELDS[1]}


def test_an_unsigned_paper_is_called_unsigned(trusting: Known) -> None:
    report = checked(frozen(), trusting)

    assert report.verdict is Verdict.UNSIGNED
    assert verdict_of(report) == "Nobody has signed this paper. Places for signatures: 2."


def test_without_a_trust_list_nobody_is_believed(complete: bytes) -> None:
    report = checked(complete, Known())

    assert (report.verdict, decisive(report)) == (Verdict.OPEN, "trust")
    assert all(not one.trusted_by for one in report.signatures)


def test_a_list_for_people_says_nothing_about_time(authority: World, complete: bytes) -> None:
    root, tsa_root = authority.anchors
    for_people = Known(anchors=tuple(
        Anchor(der, "list", purposes=frozenset({Purpose.PEOPLE})) for der in (root, tsa_root)
    ))  # fmt: skip

    report = checked(complete, for_people)

    assert report.verdict is Verdict.OPEN
    assert {one.result for one in found(report, "time")} == {Result.OPEN}


def test_an_entry_of_the_list_counts_only_for_its_own_time(
    authority: World, complete: bytes, trusting: Known
) -> None:
    root, time = trusting.anchors
    ended = replace(root, valid_until=SIGNED + timedelta(minutes=1))

    report = checked(complete, Known(anchors=(ended, time)))

    first, second = (
        next(one.result for one in signature.checks if one.code == "trust")
        for signature in report.approvals
    )
    assert (first, second) == (Result.PASSED, Result.OPEN)


def test_a_twin_of_the_mayors_name_is_not_the_mayor(authority: World, trusting: Known) -> None:
    subject = authority.stamford.cert.subject
    twin = certified(subject)
    first = signed(frozen(), authority, FIELDS[0], authority.kramatorsk, at=SIGNED)
    paper = stamped(
        signed(first, authority, FIELDS[1], twin, at=COUNTERSIGNED, with_revocations=False),
        authority,
    )

    report = checked(paper, trusting)

    assert (report.verdict, decisive(report)) == (Verdict.OPEN, "trust")
    assert "vouches for itself and is not in the trust list" in verdict_of(report)


def test_a_name_from_a_trusted_issuer_must_be_the_recorded_certificate(
    authority: World, complete: bytes, trusting: Known
) -> None:
    mine = sha256(authority.stamford.der).hexdigest()
    other = sha256(authority.kramatorsk.der).hexdigest()

    same = checked(complete, replace(trusting, registered={FIELDS[1]: mine}))
    another = checked(complete, replace(trusting, registered={FIELDS[1]: other}))

    assert same.verdict is Verdict.HOLDS
    assert (another.verdict, decisive(another)) == (Verdict.FAILS, "wrong-holder")


def test_a_certificate_revoked_before_it_signed_fails(
    authority: World, complete: bytes, trusting: Known
) -> None:
    late = revocations(
        authority.root, [(authority.stamford, SIGNED)], issued=NOW - timedelta(minutes=1)
    )

    report = checked(complete, replace(trusting, crls=(late,)))

    assert (report.verdict, decisive(report)) == (Verdict.FAILS, "revoked")
    assert "before it signed" in verdict_of(report)


def test_a_certificate_revoked_later_has_signed_well(
    authority: World, complete: bytes, trusting: Known
) -> None:
    late = revocations(
        authority.root,
        [(authority.stamford, STAMPED + timedelta(minutes=1))],
        issued=NOW - timedelta(minutes=1),
    )

    assert checked(complete, replace(trusting, crls=(late,))).verdict is Verdict.HOLDS


def test_a_revoked_certificate_without_a_timestamp_fails(authority: World, trusting: Known) -> None:
    paper = signed(
        frozen(fields=FIELDS[:1]), authority, FIELDS[0], authority.stamford, at=SIGNED,
        with_time=False,
    )  # fmt: skip
    late = revocations(authority.root, [(authority.stamford, SIGNED)], issued=SIGNED)

    report = checked(paper, replace(trusting, crls=(late,)))

    assert (report.verdict, decisive(report)) == (Verdict.FAILS, "revoked")
    assert "nothing shows that it signed before" in verdict_of(report)


def test_a_certificate_that_had_ended_fails(authority: World, trusting: Known) -> None:
    ended = certified(named("DEMO, Former mayor"), authority.root, ends=SIGNED - timedelta(days=1))
    paper = signed(
        frozen(fields=FIELDS[:1]), authority, FIELDS[0], ended, at=SIGNED, with_revocations=False
    )

    report = checked(stamped(paper, authority), trusting)

    assert (report.verdict, decisive(report)) == (Verdict.FAILS, "not-valid-then")


def test_a_certificate_may_end_after_it_signed(authority: World, trusting: Known) -> None:
    ends = certified(named("DEMO, Mayor"), authority.root, ends=STAMPED + timedelta(minutes=5))
    paper = stamped(
        signed(frozen(fields=FIELDS[:1]), authority, FIELDS[0], ends, at=SIGNED), authority
    )

    assert checked(paper, trusting).verdict is Verdict.HOLDS


def test_a_paper_holds_for_years_though_its_lists_are_of_its_own_day(
    complete: bytes, trusting: Known
) -> None:
    report = check(complete, trusting, at=NOW + timedelta(days=1500))

    assert report.verdict is Verdict.HOLDS
    assert [one.level for one in report.approvals] == [Level.ARCHIVE, Level.ARCHIVE]


def test_when_the_certificate_of_the_last_timestamp_has_ended_it_is_no_longer_shown(
    complete: bytes, trusting: Known
) -> None:
    report = check(complete, trusting, at=NOW + timedelta(days=3700))

    assert report.verdict is Verdict.OPEN
    assert not any(one.proven_at for one in report.signatures)


def test_without_a_timestamp_the_time_is_the_signatorys_word(
    authority: World, trusting: Known
) -> None:
    paper = signed(
        frozen(fields=FIELDS[:1]), authority, FIELDS[0], authority.stamford, at=SIGNED,
        with_time=False,
    )  # fmt: skip

    report = checked(paper, replace(trusting, crls=authority.crls))

    assert (report.verdict, decisive(report)) == (Verdict.OPEN, "time")
    assert [one.level for one in report.approvals] == [Level.BASIC]
    assert report.approvals[0].proven_at is None


def test_a_clock_that_is_wrong_is_told_and_the_timestamp_counts(
    authority: World, trusting: Known
) -> None:
    days_ago = NOW - timedelta(days=3)
    paper = stamped(
        signed(frozen(fields=FIELDS[:1]), authority, FIELDS[0], authority.stamford, at=days_ago),
        authority,
    )

    report = checked(paper, trusting)

    assert report.verdict is Verdict.HOLDS
    assert [one.result for one in found(report, "clock")] == [Result.NOTED]
    assert report.approvals[0].proven_at == days_ago


def test_a_level_is_reached_only_with_all_that_belongs_to_it(
    authority: World, trusting: Known
) -> None:
    paper = frozen(fields=FIELDS[:1])
    arguments = (paper, authority, FIELDS[0], authority.stamford)

    basic = signed(*arguments, at=SIGNED, with_time=False)
    timed = signed(*arguments, at=SIGNED, with_revocations=False)
    long_term = signed(*arguments, at=SIGNED)

    levels = [checked(one, trusting).approvals[0].level for one in (basic, timed, long_term)]
    assert levels == [Level.BASIC, Level.TIME, Level.LONG_TERM]
    assert checked(stamped(long_term, authority), trusting).approvals[0].level is Level.ARCHIVE


def test_the_paper_kept_here_is_known_by_its_bytes(complete: bytes, trusting: Known) -> None:
    first = checked(complete, trusting).approvals[0].covers
    known = replace(
        trusting,
        revisions=tuple(
            Kept(number, size, sha256(complete[:size]).hexdigest(), place)
            for number, size, place in (
                (1, first, InLog(Place.NOWHERE)),
                (2, len(complete), InLog(Place.SEALED, 7, 9)),
            )
        ),
    )

    whole = checked(complete, known)
    older = checked(complete[:first], known)
    other = checked(frozen(), known)

    assert found(whole, "kept")[0].facts == {"number": 2, "of": 2}
    assert found(whole, "log")[0].facts == {"index": 7, "size": 9}
    assert found(older, "newer")[0].facts == {"number": 2}
    assert found(older, "log")[0].facts == {"kind": "nowhere"}
    assert found(other, "kept")[0].result is Result.FAILED


def test_what_goes_on_after_the_kept_paper_is_not_green(
    authority: World, complete: bytes, trusting: Known
) -> None:
    known = replace(trusting, revisions=(Kept(1, len(complete), sha256(complete).hexdigest()),))

    report = checked(stamped(complete, authority, NOW), known)

    assert (report.verdict, decisive(report)) == (Verdict.OPEN, "continued")


def test_the_technical_report_is_json(complete: bytes, trusting: Known) -> None:
    import json

    data = json.loads(json.dumps(as_json(checked(complete, trusting))))

    assert data["verdict"] == "holds"
    assert data["sha256"] == sha256(complete).hexdigest()
    assert [one["kind"] for one in data["signatures"]] == ["signature", "signature", "timestamp"]


@pytest.mark.parametrize(("code", "result", "kind"), SENTENCES)
def test_every_sentence_has_a_title(code: str, result: Result, kind: str) -> None:
    assert code in TITLES
    assert kind == "" or (code, result, "") in SENTENCES


def test_a_report_is_told_whole(complete: bytes) -> None:
    report = checked(complete, Known())

    telling = told(report)

    assert len(list(telling.every_check())) == len(list(report.every_check()))
    assert telling.signatures[0].who == (
        "DEMO, Head of the City Military Administration, Head of the City Military "
        "Administration, Kramatorsk City Military Administration"
    )
    assert BEGAN.strftime("%Y") in str(as_json(report))
