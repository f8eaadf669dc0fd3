"""Kind, answers, day and relations stay as they were seen too, once others verified a need."""

from django.db import migrations

STAYS = """
CREATE OR REPLACE FUNCTION needs_verified_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'a need begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.title, OLD.unit_title, OLD.why, OLD.quantity, OLD.unit_price_minor, OLD.currency,
      OLD.category, OLD.price_note, OLD.beneficiary_id, OLD.written_by_id{more_old})
     IS DISTINCT FROM
     (NEW.title, NEW.unit_title, NEW.why, NEW.quantity, NEW.unit_price_minor, NEW.currency,
      NEW.category, NEW.price_note, NEW.beneficiary_id, NEW.written_by_id{more_new})
     AND NOT (OLD.state = 'draft' OR (OLD.state = 'submitted' AND NEW.revision > OLD.revision))
  THEN
    RAISE EXCEPTION 'what was verified stays as it was seen'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'verified' AND OLD.state <> 'verified' AND (
    OLD.state <> 'submitted' OR (
      SELECT count(DISTINCT v.verified_by_id) FROM needs_verification v
       WHERE v.need_id = NEW.id AND v.revision = NEW.revision
         AND v.verified_by_id <> NEW.written_by_id
    ) < (SELECT CASE WHEN p.is_conflict_zone THEN 2 ELSE 1 END
           FROM people_partnership p WHERE p.id = NEW.partnership_id)
  ) THEN
    RAISE EXCEPTION 'need % lacks the verification of others', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
MORE = (
    "kind", "specification", "priority", "needed_by_date", "has_relation", "relation",
    "why_not_the_same",
)  # fmt: skip


def _stays(columns: tuple[str, ...]) -> str:
    more = {
        f"more_{row}": "".join(f", {row.upper()}.{c}" for c in columns) for row in ("old", "new")
    }
    return STAYS.format(**more)


class Migration(migrations.Migration):
    dependencies = [("needs", "0004_kind_and_deadline")]
    operations = [migrations.RunSQL(_stays(MORE), _stays(()))]
