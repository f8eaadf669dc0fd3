"""Requests, terms and rates stay as they were said; an answer is a quote of who was asked."""

from django.db import migrations

STAYS = """
CREATE FUNCTION deliveries_keep_what_was_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was asked, and what a quote says, is not changed: say it anew'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_request BEFORE UPDATE OR DELETE ON deliveries_quoterequest
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_what_was_asked();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_quoterequest
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_what_was_asked();
CREATE TRIGGER keep_terms BEFORE UPDATE OR DELETE ON deliveries_quoteterms
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_what_was_asked();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_quoteterms
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_what_was_asked();
CREATE TRIGGER keep_rate BEFORE UPDATE OR DELETE ON deliveries_quoterate
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_what_was_asked();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_quoterate
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_what_was_asked();

CREATE FUNCTION deliveries_keep_asked_supplier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.sent_at IS NULL AND NEW.quote_id IS NULL THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE'
     AND (OLD.request_id, OLD.supplier_id, OLD.email, OLD.language, OLD.subject, OLD.letter)
         IS NOT DISTINCT FROM
         (NEW.request_id, NEW.supplier_id, NEW.email, NEW.language, NEW.subject, NEW.letter)
     AND (OLD.sent_at IS NULL OR OLD.sent_at = NEW.sent_at)
     AND (OLD.quote_id IS NULL OR OLD.quote_id = NEW.quote_id)
     AND (NEW.quote_id IS NULL OR EXISTS (
       SELECT FROM needs_quote q JOIN deliveries_quoterequest r ON r.need_id = q.need_id
        WHERE q.id = NEW.quote_id AND r.id = NEW.request_id
          AND q.supplier_id = NEW.supplier_id)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a supplier stays as asked, and answers once, with its own quote for that need'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_asked BEFORE INSERT OR UPDATE OR DELETE ON deliveries_askedsupplier
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_asked_supplier();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_askedsupplier
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_asked_supplier();
"""
UNDO = "DROP FUNCTION deliveries_keep_asked_supplier, deliveries_keep_what_was_asked CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0023_requests_for_quotes")]
    operations = [migrations.RunSQL(STAYS, UNDO)]
