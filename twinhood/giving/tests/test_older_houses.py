"""A house from before the log gets it: every entry its leaf, every gift a commitment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

# Rows as they were written then, through the triggers of then.
OLD_ROWS = """
INSERT INTO places_place (geoname_id, name, country_code, admin1_code, latitude, longitude,
    population, time_zone, region)
  VALUES (1, 'A', 'XX', '', 0, 0, 0, 'UTC', NULL), (2, 'B', 'XX', '', 0, 0, 0, 'UTC', NULL);
INSERT INTO people_organisation (kind, name, registry_code, is_example)
  VALUES ('charity', '{"en": "C"}', '', false);
INSERT INTO people_partnership (slug, giving_place_id, receiving_place_id, recipient_id,
    is_conflict_zone, need_delay_hours, delivery_delay_days, is_example, opened_at)
  SELECT 'a-b', min(p.id), max(p.id), min(o.id), false, 72, 14, false, now()
    FROM places_place p, people_organisation o;
INSERT INTO ledger_books (partnership_id, last_seq) SELECT id, 3 FROM people_partnership;
INSERT INTO ledger_account
    (partnership_id, code, currency, is_credit_normal, is_never_below_zero, balance_minor)
  SELECT id, code, 'USD', is_credit, is_credit, 0 FROM people_partnership, (VALUES
    ('fund:b', true), ('assets:bank:main', false), ('commitments:X', true)) AS a (code, is_credit);
INSERT INTO ledger_entry (partnership_id, seq, key, kind, happened_at, posted_at)
  SELECT id, seq, key, kind, '2023-09-01', now() FROM people_partnership, (VALUES
    (1, 'fund:b', 'fund'), (2, 'gift:AAAA', 'gift'), (3, 'order:X', 'order')) AS e (seq, key, kind);
INSERT INTO ledger_fund
    (partnership_id, code, currency, account_id, opened_by_id, head_minor, used_minor)
  SELECT a.partnership_id, 'b', 'USD', a.id, e.id, 0, 0
    FROM ledger_account a, ledger_entry e WHERE a.code = 'fund:b' AND e.seq = 1;
INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)
  SELECT e.id, d.id, c.id, t.amount, 'USD' FROM (VALUES
    (2, 'assets:bank:main', 'fund:b', 2500), (3, 'fund:b', 'commitments:X', 900)
  ) AS t (seq, debit, credit, amount)
  JOIN ledger_entry e ON e.seq = t.seq
  JOIN ledger_account d ON d.code = t.debit JOIN ledger_account c ON c.code = t.credit
  ORDER BY e.seq;
INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)
  SELECT f.id, e.id, 'gift', e.key, 0, 2500 FROM ledger_fund f, ledger_entry e WHERE e.seq = 2;
INSERT INTO ledger_use (partnership_id, entry_id, kind, key, amount_minor, fund_codes, source_key)
  SELECT partnership_id, id, 'order', key, 900, '{b}', '' FROM ledger_entry WHERE seq = 3;
INSERT INTO ledger_useunit (use_id, name, start_offset, end_offset)
  SELECT id, 'u-1', 0, 900 FROM ledger_use;
INSERT INTO ledger_piece (use_id, fund_id, start_minor, end_minor, offset_minor, begun_by_id)
  SELECT u.id, f.id, 0, 900, 0, u.entry_id FROM ledger_use u, ledger_fund f;
INSERT INTO giving_gift (partnership_id, fund_id, ref, secret_hash, intake_key, rail, shows_name,
    amount_minor, fee_minor, currency, stage, posted_at, received_date, settled_at, purpose, note)
  SELECT f.partnership_id, f.id, ref, sha256(ref::bytea), ref, 'wire', false, 2500, 0, 'USD',
    CASE WHEN is_posted THEN 'posted' ELSE 'settled' END, CASE WHEN is_posted THEN now() END,
    '2023-09-01', '2023-09-01', '', ''
    FROM ledger_fund f, (VALUES ('AAAA', true), ('BBBB', false)) AS g (ref, is_posted);
"""
GO_ON = """
import django, json
django.setup()
from twinhood.giving import actions
from twinhood.giving.models import Gift, Link
from twinhood.ledger.models import Books, Entry, Fund
from twinhood.translog.core import canonical
from twinhood.translog.models import Leaf, Waiting
posted = actions.post_settled()
leaves = {leaf.pk: canonical.decode(bytes(leaf.data)) for leaf in Leaf.objects.all()}
entries = list(Entry.objects.order_by("seq"))
print(json.dumps({
    "posted": posted, "name": Books.objects.get().name, "head": Fund.objects.get().head_minor,
    "leaves": [leaves[entry.leaf_id] for entry in entries],
    "commitments": [len(bytes(g.donor_commitment)) for g in Gift.objects.all()],
    "stages": [g.stage for g in Gift.objects.order_by("id")],
    "links": Link.objects.count(), "waiting": Waiting.objects.count(),
}))
"""


def run(url: str, var: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "twinhood.settings",
            "TWINHOOD_VAR": str(var),
            "TWINHOOD_LOG_LEVEL": "ERROR",
        },
        cwd=Path(settings.PACKAGE_DIR).parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def test_what_was_posted_before_the_log_gets_its_leaves(database_url: str, tmp_path: Path) -> None:
    name = f"older_{uuid4().hex[:12]}"
    with psycopg.connect(database_url, autocommit=True) as root:
        root.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        url = make_conninfo(database_url, dbname=name)
        try:
            for app, target in (("giving", "0001"), ("ledger", "0002")):
                run(url, tmp_path, "-m", "django", "migrate", app, target, "-v0")
            with psycopg.connect(url) as old:
                old.execute(OLD_ROWS)
            run(url, tmp_path, "-m", "django", "migrate", "-v0")

            found = json.loads(run(url, tmp_path, "-c", GO_ON).splitlines()[-1])
        finally:
            root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    assert (found["name"], found["posted"], found["head"]) == ("a-b", 1, 5_000)
    assert [leaf["seq"] for leaf in found["leaves"]] == [1, 2, 3, 4]
    assert [leaf["journal"][0]["kind"] for leaf in found["leaves"]] == [
        "fund",
        "gift",
        "order",
        "gift",
    ]
    assert ["donor" in leaf for leaf in found["leaves"]] == [False, True, False, True]
    assert found["leaves"][2]["journal"][0]["units"] == [{"unit": "u-1", "amount": 900}]
    assert found["leaves"][2]["transfers"][0]["amount"] == 900
    assert found["commitments"] == [32, 32]
    assert found["stages"] == ["posted", "posted"]
    assert (found["links"], found["waiting"]) == (2, 4)
