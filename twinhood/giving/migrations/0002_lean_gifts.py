"""A gift is taken in by one INSERT that locks nothing; whether it is posted, its entry says.

What was posted before the log existed gets its leaves here, in the order of the books.
"""

import secrets
from collections import defaultdict
from dataclasses import asdict
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from twinhood.giving.core.sealing import DonorFacts
from twinhood.ledger.core import leaf as core_leaf
from twinhood.ledger.core.entry import AccountName, Entry, Transfer
from twinhood.translog.core.commitment import SALT_BYTES, commit

# A lookup a gift, by the index that begins with the entries' keys (`+ 0` keeps the planner from the
# one that begins with the partnership): it costs the same however many there are.
UNPOSTED = """
CREATE VIEW giving_unposted AS
SELECT gift.id, gift.partnership_id, gift.settled_at
  FROM giving_gift gift LEFT JOIN LATERAL (
    SELECT true AS stands FROM ledger_entry entry
     WHERE entry.key = 'gift:' || gift.ref AND entry.partnership_id + 0 = gift.partnership_id
     LIMIT 1
  ) AS entry ON true
 WHERE entry.stands IS NULL
"""
LINKS = """
INSERT INTO giving_link (secret_hash, gift_id)
SELECT secret_hash, id FROM giving_gift WHERE stage = 'posted'
"""


def commit_to_donors(apps: Any, schema_editor: Any) -> None:
    """Give each gift a salt and a commitment to what is known of its donor today."""
    gifts = apps.get_model("giving", "Gift").objects.select_related("donor").order_by("id")
    known = _facts_of_donors(apps)
    for gift in gifts.iterator(chunk_size=1_000):
        facts = known.get(gift.donor_id, DonorFacts())
        salt = secrets.token_bytes(SALT_BYTES)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE giving_gift SET donor_salt = %s, donor_commitment = %s WHERE id = %s",
                [salt, commit(asdict(facts), salt), gift.pk],
            )


def _facts_of_donors(apps: Any) -> dict[int, DonorFacts]:
    donors = list(apps.get_model("giving", "Donor").objects.filter(wrapped_key__isnull=False))
    if not donors:
        return {}
    from twinhood.giving.keys import master_keys, open_donor

    keys = master_keys()
    return {donor.pk: open_donor(donor, keys) for donor in donors}


def append_leaves(apps: Any, schema_editor: Any) -> None:
    """Append the leaf of every entry that has none, and name it in the entry."""
    connection = schema_editor.connection
    books = dict(apps.get_model("ledger", "Books").objects.values_list("partnership_id", "name"))
    donors = {
        f"gift:{ref}": bytes(commitment)
        for ref, commitment in apps.get_model("giving", "Gift").objects.values_list(
            "ref", "donor_commitment"
        )
    }
    entries = apps.get_model("ledger", "Entry").objects.filter(leaf_id__isnull=True)
    transfers = _transfers(apps)
    named = []
    with connection.cursor() as cursor:
        for entry in entries.order_by("partnership_id", "seq").iterator(chunk_size=1_000):
            moves = tuple(transfers[entry.pk])
            leaf = core_leaf.entry_leaf(
                partnership=books[entry.partnership_id],
                seq=entry.seq,
                date=entry.happened_at.date(),
                key=entry.key,
                entry=Entry(entry.key, entry.kind, moves) if moves else None,
                journal=_journal(apps, entry, moves),
                donor=donors.get(entry.key) if entry.kind == "gift" else None,
            )
            cursor.execute("SELECT translog_append(%s::bytea[])", [[leaf]])
            named.append((cursor.fetchone()[0][0], entry.pk))
        if named:
            cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER refuse_change")
            cursor.executemany("UPDATE ledger_entry SET leaf_id = %s WHERE id = %s", named)
            cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER refuse_change")


def _transfers(apps: Any) -> dict[int, list[Transfer]]:
    found: dict[int, list[Transfer]] = defaultdict(list)
    rows = (
        apps.get_model("ledger", "Transfer")
        .objects.order_by("id")
        .values_list("entry_id", "debit__code", "credit__code", "currency", "amount_minor")
    )
    for entry_id, debit, credit, currency, amount_minor in rows:
        sides = AccountName(debit, currency), AccountName(credit, currency)
        found[entry_id].append(Transfer(*sides, amount_minor))
    return found


def _journal(apps: Any, entry: Any, moves: tuple[Transfer, ...]) -> list[core_leaf.Record]:
    match entry.kind:
        case "fund":
            fund = apps.get_model("ledger", "Fund").objects.get(opened_by_id=entry.pk)
            return [core_leaf.fund_record(fund=fund.code, currency=fund.currency)]
        case "gift":
            net, *fees = (move.amount_minor for move in moves)
            fund = moves[0].credit.code.removeprefix("fund:")
            return [
                core_leaf.gift_record(
                    key=entry.key, fund=fund, amount_minor=net + sum(fees), fee_minor=sum(fees)
                )
            ]
        case "cancel":
            units = apps.get_model("ledger", "UseUnit").objects.filter(cancelled_by_id=entry.pk)
            names = list(units.order_by("start_offset").values_list("name", "use__key"))
            return [
                core_leaf.cancel_record(
                    key=entry.key, order=names[0][1], units=[name for name, _ in names]
                )
            ]
        case "order" | "refund" | "exchange":
            return [_use_record(apps, entry)]
    return []


def _use_record(apps: Any, entry: Any) -> core_leaf.Record:
    use = apps.get_model("ledger", "Use").objects.get(entry_id=entry.pk)
    if use.kind == "refund":
        return core_leaf.refund_record(
            key=use.key, source=use.source_key, amount_minor=use.amount_minor
        )
    if use.kind == "order":
        units = apps.get_model("ledger", "UseUnit").objects.filter(use_id=use.pk)
        rows = [(u.name, u.end_offset - u.start_offset) for u in units.order_by("start_offset")]
        return core_leaf.order_record(key=use.key, funds=use.fund_codes, units=rows)
    segments = apps.get_model("ledger", "Segment").objects.select_related("fund")
    income = segments.get(source_use_id=use.pk)
    return core_leaf.exchange_record(
        key=use.key,
        fund=use.fund_codes[0],
        amount_minor=use.amount_minor,
        to=income.fund.code,
        received_minor=income.end_minor - income.start_minor,
    )


def _reference(to: str, name: str, *, is_nullable: bool = False, **more: Any) -> Any:
    return models.ForeignKey(
        blank=is_nullable,
        null=is_nullable,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to=to,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("giving", "0001_initial"),
        ("ledger", "0006_leaves"),
        ("translog", "0004_ask_for_sealing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "secret_hash",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("gift", _reference("giving.gift", "links", db_constraint=False)),
            ],
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("floor", models.BigIntegerField(default=0)),
                ("next_floor", models.BigIntegerField(default=0)),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_mark"),
                    models.CheckConstraint(
                        condition=models.Q(("floor__lte", models.F("next_floor"))),
                        name="mark_follows_itself",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "gift", "donor_commitment", models.BinaryField(max_length=32, null=True)
        ),
        migrations.AddField("gift", "donor_salt", models.BinaryField(max_length=32, null=True)),
        migrations.RunPython(commit_to_donors, migrations.RunPython.noop),
        migrations.RunPython(append_leaves, migrations.RunPython.noop),
        migrations.RunSQL(LINKS, migrations.RunSQL.noop),
        migrations.AlterField("gift", "donor_commitment", models.BinaryField(max_length=32)),
        migrations.RemoveConstraint("gift", "gift_is_taken_in_once"),
        migrations.RemoveConstraint("gift", "gift_is_more_than_its_fee"),
        migrations.RemoveConstraint("gift", "posted_gift_says_when"),
        migrations.RemoveIndex("gift", "gift_to_post"),
        migrations.RemoveIndex("gift", "gift_newest_first"),
        migrations.RemoveField("gift", "posted_at"),
        migrations.RemoveField("gift", "stage"),
        *(
            migrations.AlterField(
                "gift", name, _reference(settings.AUTH_USER_MODEL, "+", is_nullable=True)
            )
            for name in ("counted_by", "entered_by")
        ),
        migrations.AlterField(
            "gift", "donor", _reference("giving.donor", "gifts", is_nullable=True)
        ),
        migrations.AlterField(
            "gift", "fund", _reference("ledger.fund", "gifts", db_constraint=False)
        ),
        migrations.AlterField(
            "gift", "partnership", _reference("people.partnership", "gifts", db_constraint=False)
        ),
        migrations.AlterField("gift", "secret_hash", models.BinaryField(max_length=32)),
        migrations.AlterField("gift", "ref", models.CharField(max_length=32)),
        migrations.AddConstraint(
            "gift", models.UniqueConstraint(fields=("ref",), name="gift_has_its_own_ref")
        ),
        migrations.AddIndex(
            "gift",
            models.Index(
                condition=models.Q(("donor__isnull", False)),
                fields=["donor"],
                name="gift_by_its_donor",
            ),
        ),
        migrations.AddConstraint(
            "gift",
            models.UniqueConstraint(
                fields=("intake_key", "rail", "partnership"), name="gift_is_taken_in_once"
            ),
        ),
        migrations.AddConstraint(
            "gift",
            models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    ("amount_minor__lte", 9000000000000000),
                    ("fee_minor__gte", 0),
                    ("fee_minor__lt", models.F("amount_minor")),
                ),
                name="gift_is_more_than_its_fee",
            ),
        ),
        migrations.AddConstraint(
            "gift",
            models.CheckConstraint(
                condition=models.Q(("donor_commitment__length", 32)),
                name="gift_commits_to_its_donor",
            ),
        ),
        migrations.RunSQL(UNPOSTED, "DROP VIEW giving_unposted"),
    ]
