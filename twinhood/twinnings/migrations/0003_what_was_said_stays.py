"""What a version says, who agreed to it and who decided stay as they were written."""

from django.db import migrations

SAID = """
CREATE FUNCTION twinnings_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON twinnings_version
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON twinnings_version
  FOR EACH STATEMENT EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON twinnings_comment
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE ON twinnings_mark
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON twinnings_step
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON twinnings_term
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON twinnings_proposal
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();

CREATE FUNCTION twinnings_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE d twinnings_draft;
BEGIN
  SELECT * INTO d FROM twinnings_draft WHERE id = NEW.draft_id FOR NO KEY UPDATE;
  IF d.state <> 'open' OR NEW.number <>
     1 + (SELECT count(*) FROM twinnings_version WHERE draft_id = NEW.draft_id) THEN
    RAISE EXCEPTION 'a version follows the last one of an open draft'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.sha256 <> encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'the hash of a version is that of its content'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER next_version BEFORE INSERT ON twinnings_version
  FOR EACH ROW EXECUTE FUNCTION twinnings_next_version();

CREATE FUNCTION twinnings_mark_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE d twinnings_draft; v twinnings_version;
BEGIN
  SELECT * INTO v FROM twinnings_version
   WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
  SELECT * INTO d FROM twinnings_draft WHERE id = v.draft_id FOR NO KEY UPDATE;
  IF d.state <> 'open' OR EXISTS (
    SELECT 1 FROM twinnings_version WHERE draft_id = v.draft_id AND number > v.number
  ) THEN
    RAISE EXCEPTION 'only the last version of an open draft is agreed to'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER mark_the_last BEFORE INSERT OR DELETE ON twinnings_mark
  FOR EACH ROW EXECUTE FUNCTION twinnings_mark_the_last();

CREATE FUNCTION twinnings_draft_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.partnership_id, OLD.number, OLD.kind, OLD.is_companion, OLD.first_language,
      OLD.second_language, OLD.opened_by_id, OLD.opened_for)
     IS DISTINCT FROM
     (NEW.partnership_id, NEW.number, NEW.kind, NEW.is_companion, NEW.first_language,
      NEW.second_language, NEW.opened_by_id, NEW.opened_for)
     OR (OLD.state IN ('signed', 'set_aside') AND NEW.state <> OLD.state) THEN
    RAISE EXCEPTION 'what a draft is does not change'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'frozen' AND OLD.state = 'open' AND (
    SELECT count(*) FROM twinnings_mark m WHERE m.version_id = (
      SELECT id FROM twinnings_version WHERE draft_id = NEW.id ORDER BY number DESC LIMIT 1)
  ) < 2 THEN
    RAISE EXCEPTION 'a draft is frozen when both sides agreed to its last version'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draft_moves_on BEFORE UPDATE ON twinnings_draft
  FOR EACH ROW EXECUTE FUNCTION twinnings_draft_moves_on();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON twinnings_draft
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();

CREATE FUNCTION twinnings_proposal_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' OR
     (OLD.draft_id, OLD.kind, OLD.article, OLD.seen_digest, OLD.heading, OLD.text, OLD.reason,
      OLD.side, OLD.by_id, OLD.made_at)
     IS DISTINCT FROM
     (NEW.draft_id, NEW.kind, NEW.article, NEW.seen_digest, NEW.heading, NEW.text, NEW.reason,
      NEW.side, NEW.by_id, NEW.made_at) THEN
    RAISE EXCEPTION 'a proposal is decided once, as it was made'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decided_once BEFORE UPDATE ON twinnings_proposal
  FOR EACH ROW EXECUTE FUNCTION twinnings_proposal_is_decided_once();

CREATE FUNCTION twinnings_only_struck_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(OLD) - 'struck_at' - 'struck_reason'
     IS DISTINCT FROM to_jsonb(NEW) - 'struck_at' - 'struck_reason'
     OR OLD.struck_at IS NOT NULL THEN
    RAISE EXCEPTION 'a step is struck out, and else never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_struck_out BEFORE UPDATE ON twinnings_step
  FOR EACH ROW EXECUTE FUNCTION twinnings_only_struck_out();

CREATE FUNCTION twinnings_only_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(OLD) - 'until_date' - 'ended_reason'
     IS DISTINCT FROM to_jsonb(NEW) - 'until_date' - 'ended_reason'
     OR NEW.until_date IS NULL AND OLD.until_date IS NOT NULL
     OR NEW.until_date > OLD.until_date THEN
    RAISE EXCEPTION 'a term is ended, and else never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_ended BEFORE UPDATE ON twinnings_term
  FOR EACH ROW EXECUTE FUNCTION twinnings_only_ended();

CREATE FUNCTION twinnings_keep_change_of_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> '' AND (TG_OP = 'DELETE' OR
     (OLD.twinning_id, OLD.kind, OLD.date, OLD.state, OLD.decided_by, OLD.place_id, OLD.source)
     IS DISTINCT FROM
     (NEW.twinning_id, NEW.kind, NEW.date, NEW.state, NEW.decided_by, NEW.place_id, NEW.source))
  THEN
    RAISE EXCEPTION 'who decided what about a twinning, and when, stays recorded'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_change_of_state BEFORE UPDATE OR DELETE ON twinnings_milestone
  FOR EACH ROW EXECUTE FUNCTION twinnings_keep_change_of_state();
"""
UNDO = """
DROP FUNCTION twinnings_refuse_change, twinnings_next_version, twinnings_mark_the_last,
  twinnings_draft_moves_on, twinnings_proposal_is_decided_once, twinnings_only_struck_out,
  twinnings_only_ended, twinnings_keep_change_of_state CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("twinnings", "0002_drafts_offices_and_states")]
    operations = [migrations.RunSQL(SAID, UNDO)]
