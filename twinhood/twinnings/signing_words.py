"""The sentences for what forbids freezing or signing a paper."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from twinhood.documents import errors
from twinhood.documents.core.capacity import NotNow
from twinhood.documents.core.receiving import Problem
from twinhood.documents.core.unfit import Why
from twinhood.documents.errors import ReleaseProblem
from twinhood.kit.dates import long_date
from twinhood.kit.inputs import language

ENDED = {
    NotNow.NOT_YET: _("The powers of this office begin on %(since)s; nothing was signed."),
    NotNow.ENDED: _("The powers of this office ended on %(until)s; nothing was signed."),
}
RELEASE = {
    ReleaseProblem.NO_PASSKEY: _(
        "Signing here needs a passkey of yours. Add one to your account, or sign another way."
    ),
    ReleaseProblem.UNKNOWN: _("This passkey is not one of yours, so nothing was signed."),
    ReleaseProblem.USED: _("This question to the passkey was answered already. Begin again."),
    ReleaseProblem.TOO_LATE: _("The passkey was asked more than five minutes ago. Begin again."),
    ReleaseProblem.WRONG: _("The passkey’s answer does not fit this paper. Nothing was signed."),
}
NOT_TAKEN = {
    Problem.TOO_LONG: _("The file is larger than 20 MB. The paper itself is much smaller."),
    Problem.NOT_OURS: _(
        "This is not the paper that was given away: its first bytes differ. Download it again and "
        "sign it without saving it anew."
    ),
    Problem.NO_SIGNATURE: _("There is no new signature on this paper."),
    Problem.OTHER_FIELD: _("The signature is in the wrong field. Use the field of your own city."),
    Problem.MORE_CHANGED: _(
        "Something else than a signature was changed, so the paper was not taken. Only what shows "
        "that the certificate is good, and timestamps, may stand behind it."
    ),
    Problem.BROKEN: _("The signature on this paper does not hold. Sign it again."),
    Problem.REVOKED: _(
        "The authority that issued your certificate says that it was revoked, so the paper was not "
        "taken. Sign it with one that is good."
    ),
    Problem.EXPIRED: _(
        "The certificate of this signature has run out, so the paper was not taken. Sign it with "
        "one that is good."
    ),
    Problem.UNSOUND: _(
        "The program that signed it wrote the file against the rules of PDF, so that two readers "
        "could see different papers. Sign it with another program."
    ),
    Problem.UNREADABLE: _("This file cannot be read as a PDF."),
}
UNFIT = {
    Why.MIXED: _("A word mixes letters of two alphabets at “%(what)s” (%(where)s)."),
}
UNFIT_OTHERWISE = _("“%(what)s” cannot stand on a paper (%(where)s).")
SENTENCES: Mapping[type[errors.DocumentError], Any] = {
    errors.PaperTooLong: _("This text is too long for one paper."),
    errors.AlreadySigned: _("This place was signed or refused already."),
    errors.Replaced: _("A newer paper took the place of this one. Sign that one."),
    errors.Stale: _(
        "Something was added to the paper since you took it. Look at it again, then sign."
    ),
    errors.WitnessUnfit: _(
        "Two people of two organisations confirm it: not who sent the scan in, nor who signs."
    ),
    errors.TooBusy: _("Many papers are being checked just now. Try again in a minute."),
    errors.ScanUnfit: _("A scan is a picture (JPEG, PNG) or a PDF of at most 20 MB."),
}
SIGNED_BEFORE = _("The paper was made on %(day)s: nobody can have signed it before.")
OPERATOR = _("This server cannot sign at the moment. Whoever runs it has to look at its keys.")


def sentence_for(problem: errors.DocumentError) -> str:
    """What a person reads when a paper is not made, signed or taken."""
    match problem:
        case errors.SignedBefore(frozen_date=day):
            return str(SIGNED_BEFORE) % {"day": long_date(day, language())}
        case errors.TextUnfit(where=where, unfit=found):
            what = found.code_point if found.why in (Why.DIRECTION, Why.HIDDEN) else found.character
            words = UNFIT.get(found.why, UNFIT_OTHERWISE)
            return str(words) % {"what": what, "where": where}
        case errors.CapacityEnded(capacity=capacity, why=why):
            days = {"since": capacity.from_date, "until": capacity.until_date}
            dates = {name: day and long_date(day, language()) for name, day in days.items()}
            return str(ENDED[why]) % dates
        case errors.NotReleased(problem=why_not):
            return str(RELEASE[why_not])
        case errors.NotTaken(problem=why_not):
            return str(NOT_TAKEN[why_not])
    return str(SENTENCES.get(type(problem), OPERATOR))
