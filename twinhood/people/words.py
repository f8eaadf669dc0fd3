"""What roles are called and what each lets one try, in the reader's language."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from twinhood.people.core.permissions import RoleName


@dataclass(frozen=True, slots=True)
class RoleWords:
    """A duty (never a person's gender) and a sentence of what to try with it."""

    name: str | Promise
    may: str | Promise


ROLE_WORDS: dict[RoleName, RoleWords] = {
    RoleName.CLERK: RoleWords(
        _("Needs and hand-overs"),
        _("Write down a need, propose an order, record a hand-over, draft an agreement."),
    ),
    RoleName.SIGNATORY: RoleWords(
        _("Signature"),
        _("Sign agreements, and read the books of the partnership that this office signed for."),
    ),
    RoleName.VERIFIER: RoleWords(
        _("Checking needs"),
        _("Check a need that somebody else wrote."),
    ),
    RoleName.TREASURER: RoleWords(
        _("Finance"),
        _("Enter gifts, give one back, exchange money, pay a supplier."),
    ),
    RoleName.APPROVER: RoleWords(
        _("Approval"),
        _("Approve an order that somebody else proposed; two approvals place it."),
    ),
    RoleName.EDITOR: RoleWords(
        _("Newsroom"),
        _("Look around the desk."),
    ),
    RoleName.MATCHMAKER: RoleWords(
        _("Finding partners"),
        _("Look around the desk."),
    ),
    RoleName.AUDITOR: RoleWords(
        _("Audit"),
        _("Read every entry of the books and change none."),
    ),
}
