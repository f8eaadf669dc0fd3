"""Every address of the site, read from the table of addresses, with objects of the world in it.

A view added later is walked too. One whose address has a parameter that nobody has named yet fails
the walk with a sentence that says where to name it: `Values`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import override

from twinhood.aftercare.following import secret_of
from twinhood.aftercare.models import FollowUp, Incident, Question
from twinhood.deliveries.models import (
    ActSeat,
    ActSigner,
    AskedSupplier,
    HandoverAct,
    Invoice,
    Order,
    PayeeAccount,
    Screening,
    Unit,
)
from twinhood.documents.models import Document, StoredFile
from twinhood.giving.models import Gift, InKindGift, Receipt, ReceiptExport
from twinhood.kit import clock
from twinhood.needs.models import Need, Quote, Waypoint
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership, Role, Vouching
from twinhood.translog.models import Checkpoint
from twinhood.transport.models import Damage, Leg, Shipment
from twinhood.treasury.models import BankAccount, StatementFile, StatementLine
from twinhood.twinnings.models import Comment, Draft, Proposal, Seat, Step, Term


@dataclass(frozen=True, slots=True)
class Address:
    """One line of the table: its name with namespaces, its route and its view."""

    name: str
    route: str
    parameters: tuple[str, ...]
    view: Callable[..., HttpResponse]

    @property
    def guarded_by(self) -> Action | None:
        """The action that `in_workspace` asks for, if it guards the view."""
        return getattr(self.view, "guarded_by", None)

    @property
    def is_public(self) -> bool:
        return bool(getattr(self.view, "is_public", False))

    @property
    def is_open(self) -> bool:
        """Whether anybody may open it, though the answer is the visitor's own."""
        return bool(getattr(self.view, "is_open", False))

    def __str__(self) -> str:
        return self.name


def all_addresses() -> list[Address]:
    """Every address with a name, sorted by name."""
    return sorted(_walk(get_resolver(), "", ""), key=lambda address: address.name)


def _walk(resolver: URLResolver, namespace: str, route: str) -> Iterator[Address]:
    for found in resolver.url_patterns:
        here = f"{route}{found.pattern}"
        if isinstance(found, URLResolver):
            inside = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from _walk(found, inside, here)
        else:
            yield _address(found, namespace, here)


def _address(found: URLPattern, namespace: str, route: str) -> Address:
    if not found.name:
        raise AssertionError(f"give the address {route} a name")
    parameters = tuple(found.pattern.converters)
    return Address(f"{namespace}{found.name}", route, parameters, found.callback)


@dataclass(frozen=True, slots=True)
class Values:
    """What stands in addresses of one partnership: the first object of each kind it has."""

    partnership: Partnership
    secret: str

    def numbers(self, route: str) -> list[int]:
        """The numbers of every need, order or act that the route may mean, smallest first."""
        of: Mapping[str, type[models.Model]] = {
            "/needs/": Need,
            "/orders/": Order,
            "/acts/": HandoverAct,
            "/payees/": PayeeAccount,
            "/agreements/": Draft,
            "/shipments/": Shipment,
            "/incidents/": Incident,
        }
        kind = next((kind for part, kind in of.items() if part in route), None)
        if kind is None:
            raise AssertionError(f"say in tests/addresses.py what <number> is in {route}")
        found = kind._default_manager.filter(partnership=self.partnership).order_by("number")
        return list(found.values_list("number", flat=True))

    def kwargs(self, address: Address) -> dict[str, Any]:
        """Fill an address; raises AssertionError for a parameter that is not named here."""
        known: dict[str, Callable[[], Any]] = {
            "slug": lambda: self.partnership.slug,
            "number": lambda: self.numbers(address.route)[0],
            "code": lambda: self._code(address.route),
            "version": lambda: 1,
            "page": lambda: 1,
            # The example has no claims; what is not there is as closed as what is.
            **dict.fromkeys(("claim", "other", "pair"), lambda: 1),
            "width": lambda: 480,
            "ref": lambda: self._first(Gift, "ref"),
            "thing": lambda: self._first(InKindGift, "ref"),
            "secret": lambda: self._secret(address.route),
            "language": lambda: "en",
            "token": lambda: "00",
            "receipt": self._receipt,
            "organisation": lambda: self._first(Need, "beneficiary_id"),
            "file": lambda: self._first(StatementFile, "pk"),
            "account": lambda: self._first(BankAccount, "pk"),
            "line": lambda: self._first(StatementLine, "pk", via="account__partnership"),
            "geoname_id": lambda: self.partnership.receiving_place.geoname_id,
            "shape": lambda: "wide",
            "pk": lambda: self._pk(address.route),
            "tile": lambda: "0/000.p/1",
            "size": lambda: self._first(Checkpoint, "size", via=""),
            "position": lambda: self._first(Leg, "position", via="shipment__partnership"),
            "damage": lambda: self._first(Damage, "pk", via="load__shipment__partnership"),
            "paper": lambda: "packing-list",
            "article": lambda: self._first(Comment, "article", via="draft__partnership"),
            "proposal": lambda: self._first(Proposal, "pk", via="draft__partnership"),
            "step": lambda: self._first(Step, "pk", via="draft__partnership"),
            "seat": lambda: self._first(Seat, "pk", via="frozen__version__draft__partnership"),
            "agreement": lambda: Seat.objects.filter(
                frozen__version__draft__partnership=self.partnership
            ).values_list("frozen__version__draft__number", flat=True)[0],
            "vouching": self._vouching,
            # The example orders nothing of dual use.
            "licence": lambda: 1,
            "asked": lambda: self._first(AskedSupplier, "pk", via="request__need__partnership"),
            "quote": lambda: self._first(Quote, "pk", via="need__partnership"),
            "currency": lambda: "EUR",
            "invoice": lambda: self._first(Invoice, "pk", via="order__partnership"),
            "screening": lambda: self._first(Screening, "pk"),
            "person": lambda: self._first(Role, "person_id"),
            "signer": lambda: self._first(ActSigner, "position", via="act__partnership"),
            "place": lambda: self._first(ActSeat, "pk", via="act__partnership"),
            "scan": lambda: 1,
            "waypoint": lambda: self._first(Waypoint, "pk", via="campaign__partnership"),
            "term": lambda: self._first(Term, "pk", via="office__partnership"),
        }
        unknown = set(address.parameters) - set(known)
        if unknown:
            raise AssertionError(f"say in tests/addresses.py what {unknown} is in {address.route}")
        return {name: known[name]() for name in address.parameters}

    def url(self, address: Address, language: str = "en", **instead: Any) -> str:
        """The address in a language, be it before the address or within it."""
        within = {"language": language} if "language" in address.parameters else {}
        with override(language):
            return reverse(address.name, kwargs=self.kwargs(address) | within | instead)

    def _code(self, route: str) -> str:
        if "files/<" in route:
            return str(self._first(StoredFile, "code"))
        if "v/<" in route:
            return str(self._first(Document, "code", via="", is_private=False))
        return str(self._first(Unit, "code", via="order__partnership"))

    def _vouching(self) -> int:
        """One that waits for the second person: the example's city is not occupied."""
        role = Role.objects.filter(partnership=self.partnership).order_by("pk")[0]
        found, _ = Vouching.objects.get_or_create(
            partnership=self.partnership,
            organisation=role.organisation,
            confirmed_at=None,
            defaults={"how": "By telephone.", "proposed_by": role.person,
                      "proposed_at": clock.now()},
        )  # fmt: skip
        return found.pk

    def _pk(self, route: str) -> int:
        unit = "unit__order__partnership"
        if "/receipts/" in route:
            return int(self._first(ReceiptExport, "pk"))
        if "/follow-ups/" in route:
            # One that waits for its answer: another link can be made for it.
            waiting = FollowUp.objects.filter(**{unit: self.partnership}, answered_at=None)
            return waiting.order_by("-due_date")[0].pk
        if "/questions/" in route:
            return int(self._first(Question, "pk", via=f"follow_up__{unit}"))
        return 1

    def _secret(self, route: str) -> str:
        if "f/<" not in route:
            return self.secret
        waiting = FollowUp.objects.filter(answered_at=None).select_related("unit")
        found = waiting.order_by("-due_date")[0]
        return secret_of(found.unit.code, found.months, found.link_number)

    def _receipt(self) -> str:
        found = Receipt.objects.filter(donor__partnership=self.partnership).select_related("issuer")
        return str(found.order_by("pk")[0])

    def _first(
        self, kind: type[models.Model], field: str, via: str = "partnership", **more: Any
    ) -> Any:
        of = {via: self.partnership} if via else {}
        of |= more
        found = kind._default_manager.filter(**of).order_by("pk")
        value = found.values_list(field, flat=True).first()
        if value is None:
            raise AssertionError(f"the example has no {kind.__name__} to try addresses with")
        return value
