"""Names in certificates."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from twinhood.documents.core import authority
from twinhood.documents.core.authority import Identity

AT = datetime(2026, 8, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("organisation", "shown"),
    [
        (
            "the territorial community (hromada) whose centre is the city of Kramatorsk,"
            " Donetsk region, Ukraine",
            "the territorial community … of Kramatorsk, Donetsk region",
        ),
        (
            "територіальна громада, центром якої є місто Краматорськ"
            " (Донецька область, Україна)",
            "територіальна … місто Краматорськ",
        ),
        (
            "the City of Stamford, Connecticut, United States",
            "the City of Stamford, Connecticut, United States",
        ),
    ],
    ids=["long", "in two bytes a letter", "short"],
)  # fmt: skip
def test_a_long_name_in_a_certificate_keeps_the_city(organisation: str, shown: str) -> None:
    key = authority.new_key()
    root = authority.root(name="Root (example)", key=key, serial=1, at=AT)
    made = authority.office(
        Identity(root, key, root), name="Mayor", organisation=organisation, key=key, serial=2,
        at=AT, until=AT + timedelta(days=365), list_url="https://twinhood.example/ca/list.crl",
    )  # fmt: skip

    subject = x509.load_der_x509_certificate(made).subject
    (found,) = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert found.value == shown
