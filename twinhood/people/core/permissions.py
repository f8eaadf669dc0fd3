"""The one policy: which role may do what in a partnership."""

from collections.abc import Iterable
from enum import StrEnum


class RoleName(StrEnum):
    CLERK = "clerk"
    SIGNATORY = "signatory"
    VERIFIER = "verifier"
    TREASURER = "treasurer"
    APPROVER = "approver"
    EDITOR = "editor"
    MATCHMAKER = "matchmaker"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What can be asked of the policy; a view names one, and nothing else."""

    SEE_DESK = "see_desk"
    WRITE_NEED = "write_need"
    VERIFY_NEED = "verify_need"
    RUN_CAMPAIGN = "run_campaign"
    TAKE_GIFT = "take_gift"
    SEE_DONORS = "see_donors"
    REFUND_GIFT = "refund_gift"
    CONFIRM_REFUND = "confirm_refund"
    EXCHANGE = "exchange"
    PROPOSE_ORDER = "propose_order"
    APPROVE_ORDER = "approve_order"
    PAY_ORDER = "pay_order"
    HAND_OVER = "hand_over"
    SHIP = "ship"
    REVIEW_INCIDENT = "review_incident"
    READ_BOOKS = "read_books"
    DRAFT_AGREEMENT = "draft_agreement"
    SIGN_AGREEMENT = "sign_agreement"
    RECORD_STATE = "record_state"
    ADD_PHOTO = "add_photo"
    VOUCH_FOR_BODY = "vouch_for_body"


EVERYBODY_AT_WORK = frozenset({Action.SEE_DESK})
POLICY: dict[RoleName, frozenset[Action]] = {
    RoleName.CLERK: EVERYBODY_AT_WORK
    | {
        Action.WRITE_NEED,
        Action.PROPOSE_ORDER,
        Action.HAND_OVER,
        Action.SHIP,
        Action.REVIEW_INCIDENT,
        Action.DRAFT_AGREEMENT,
        Action.RECORD_STATE,
        Action.ADD_PHOTO,
        Action.VOUCH_FOR_BODY,
    },
    RoleName.SIGNATORY: EVERYBODY_AT_WORK | {Action.READ_BOOKS, Action.SIGN_AGREEMENT},
    RoleName.VERIFIER: EVERYBODY_AT_WORK | {Action.VERIFY_NEED},
    RoleName.TREASURER: EVERYBODY_AT_WORK
    | {
        Action.TAKE_GIFT,
        Action.SEE_DONORS,
        Action.REFUND_GIFT,
        Action.CONFIRM_REFUND,
        Action.EXCHANGE,
        Action.RUN_CAMPAIGN,
        Action.PROPOSE_ORDER,
        Action.PAY_ORDER,
        Action.SHIP,
        Action.READ_BOOKS,
        Action.VOUCH_FOR_BODY,
        Action.REVIEW_INCIDENT,
    },
    RoleName.APPROVER: EVERYBODY_AT_WORK
    | {
        Action.APPROVE_ORDER,
        Action.CONFIRM_REFUND,
        Action.READ_BOOKS,
        Action.VOUCH_FOR_BODY,
        Action.REVIEW_INCIDENT,
    },
    RoleName.EDITOR: EVERYBODY_AT_WORK | {Action.ADD_PHOTO},
    RoleName.MATCHMAKER: EVERYBODY_AT_WORK,
    RoleName.AUDITOR: EVERYBODY_AT_WORK | {Action.READ_BOOKS},
}
# Roles that move money need a passkey or two factors, and no weaker way in.
NEEDS_SECOND_FACTOR = frozenset(
    {Action.APPROVE_ORDER, Action.REFUND_GIFT, Action.CONFIRM_REFUND, Action.PAY_ORDER}
)


def allowed(roles: Iterable[RoleName]) -> frozenset[Action]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(POLICY[role] for role in roles))
