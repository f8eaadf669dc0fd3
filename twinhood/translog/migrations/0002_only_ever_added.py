"""How leaves are appended, and that they stay as they are: also against the owner of the tables."""

from django.db import migrations

# Set-based, and the same order in as out: an INSERT … SELECT … ORDER BY numbers its rows in order.
APPEND = """
CREATE FUNCTION translog_append(leaves bytea[]) RETURNS bigint[] LANGUAGE sql AS $$
  WITH added AS (
    INSERT INTO translog_leaf (partnership, data)
    SELECT convert_from(data, 'UTF8')::json ->> 'partnership', data
    FROM unnest(leaves) WITH ORDINALITY AS given (data, place) ORDER BY place
    RETURNING id
  ), waits AS (
    INSERT INTO translog_waiting (leaf_id) SELECT id FROM added
  )
  SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM added
$$;
"""

REFUSE_CHANGE = """
CREATE FUNCTION translog_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log only grows: a row of % never changes', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
ONLY_ADDED = ("leaf", "position", "checkpoint", "cosignature")

# The head moves forward, and its one row stays; an opening may be erased or pulled back, once each.
ONLY_FORWARD = """
CREATE FUNCTION translog_only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size THEN
    RAISE EXCEPTION 'the log only grows: from % leaves, not to %', OLD.size, NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE ON translog_head
  FOR EACH ROW EXECUTE FUNCTION translog_only_forward();

CREATE FUNCTION translog_only_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.partnership, NEW.commitment, NEW.leaf_id)
       IS DISTINCT FROM (OLD.id, OLD.partnership, OLD.commitment, OLD.leaf_id)
     OR (NEW.salt IS NOT NULL AND (NEW.salt, NEW.facts) IS DISTINCT FROM (OLD.salt, OLD.facts))
     OR (OLD.pulled_back_by_id IS NOT NULL
         AND NEW.pulled_back_by_id IS DISTINCT FROM OLD.pulled_back_by_id) THEN
    RAISE EXCEPTION 'an opening is erased or pulled back, and never edited'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_closed BEFORE UPDATE ON translog_opening
  FOR EACH ROW EXECUTE FUNCTION translog_only_closed();
"""
NEVER_DELETED = ("head", "opening", "witness")


def _refusals() -> str:
    never = [(name, "UPDATE OR DELETE") for name in ONLY_ADDED]
    never += [(name, "DELETE") for name in NEVER_DELETED]
    rows = "".join(
        f"CREATE TRIGGER refuse_change BEFORE {what} ON translog_{name} "
        "FOR EACH ROW EXECUTE FUNCTION translog_refuse_change();\n"
        for name, what in never
    )
    return rows + "".join(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON translog_{name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION translog_refuse_change();\n"
        for name in (*ONLY_ADDED, *NEVER_DELETED)
    )


BACK = "".join(
    f"DROP TRIGGER refuse_truncate ON translog_{name};\n"
    f"DROP TRIGGER refuse_change ON translog_{name};\n"
    for name in (*ONLY_ADDED, *NEVER_DELETED)
) + (
    "DROP TRIGGER only_closed ON translog_opening; DROP TRIGGER only_forward ON translog_head;"
    "DROP FUNCTION translog_only_closed(); DROP FUNCTION translog_only_forward();"
    "DROP FUNCTION translog_refuse_change(); DROP FUNCTION translog_append(bytea[]);"
)


class Migration(migrations.Migration):
    dependencies = [("translog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            APPEND + REFUSE_CHANGE + ONLY_FORWARD + _refusals(),
            BACK,
        )
    ]
