"""Who may receive a vehicle: bodies of the public hand, never a charity for its own use.

Ukrainian customs refuse vehicles to charities; and ambulances have been re-registered to private
hands by way of one.
"""

from collections.abc import Set as AbstractSet

from twinhood.people.core.bodies import LegalForm

MAY_RECEIVE_VEHICLES: AbstractSet[LegalForm] = frozenset(
    {LegalForm.LOCAL_GOVERNMENT, LegalForm.MUNICIPAL_ENTERPRISE, LegalForm.PUBLIC_INSTITUTION}
)


class NotAReceiver(ValueError):
    """`code`: `unknown` (nobody said what kind of body it is) or `private`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def expect_receiver(form: str, *, has_vehicles: bool) -> None:
    """Raise NotAReceiver if a body of this legal form ("" if unknown) may not receive these."""
    if not has_vehicles:
        return
    if not form:
        raise NotAReceiver("unknown")
    if form not in MAY_RECEIVE_VEHICLES:
        raise NotAReceiver("private")
