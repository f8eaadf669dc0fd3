"""The peer of `benchmarks.intake`: django-hordak's documented transfer, one after the other."""

import sys
import time

import django
from django.conf import settings

ROUND_S = 3


def rate(url: str) -> float:
    """Transfers a second between two accounts, each in its own transaction."""
    import dj_database_url  # type: ignore[import-not-found]

    settings.configure(
        SECRET_KEY="nothing is signed here",  # noqa: S106
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={"default": dj_database_url.parse(url)},
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DEFAULT_CURRENCY="USD",
    )
    django.setup()
    from django.core.management import call_command
    from hordak.models import Account, AccountType  # type: ignore[import-not-found]
    from moneyed import Money  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    known = list(Account.objects.order_by("id")[:2]) or [
        Account.objects.create(name=name, type=kind, code=code, currencies=["USD"])
        for name, kind, code in (
            ("Bank", AccountType.asset, "1"),
            ("Gifts", AccountType.income, "2"),
        )
    ]
    bank, gifts = known
    transfers, started = 0, time.monotonic()
    while time.monotonic() - started < ROUND_S:
        gifts.transfer_to(bank, Money(25, "USD"))
        transfers += 1
    return transfers / (time.monotonic() - started)


if __name__ == "__main__":
    print(rate(sys.argv[1]))
