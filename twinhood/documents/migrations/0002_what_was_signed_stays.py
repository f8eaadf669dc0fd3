"""What was frozen or signed stays, demanded by the database as well."""

from django.db import migrations

STAYS = """
CREATE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION documents_only_add() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last documents_revision;
BEGIN
  SELECT * INTO last FROM documents_revision
   WHERE document_id = NEW.document_id ORDER BY number DESC LIMIT 1;
  IF NEW.number <> COALESCE(last.number + 1, 0) OR NEW.length_bytes <= COALESCE(last.length_bytes, 0)
  THEN
    RAISE EXCEPTION 'a revision only adds to the one before'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.number = 0 AND NEW.sha256 <> (
    SELECT sha256 FROM documents_document WHERE id = NEW.document_id
  ) THEN
    RAISE EXCEPTION 'the first revision is what was frozen'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_add BEFORE INSERT ON documents_revision
  FOR EACH ROW EXECUTE FUNCTION documents_only_add();

CREATE FUNCTION documents_sign_or_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE s documents_slot;
BEGIN
  -- Signing and refusing at the same moment wait for one another here.
  SELECT * INTO s FROM documents_slot WHERE id = NEW.slot_id FOR UPDATE;
  IF EXISTS (SELECT FROM documents_document d WHERE d.replaces_id = s.document_id) THEN
    RAISE EXCEPTION 'another paper took the place of this one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_TABLE_NAME = 'documents_refusal' THEN
    IF EXISTS (SELECT FROM documents_signature g WHERE g.slot_id = NEW.slot_id) THEN
      RAISE EXCEPTION 'what was signed cannot be refused'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM documents_refusal r WHERE r.slot_id = NEW.slot_id) THEN
    RAISE EXCEPTION 'what was refused cannot be signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sign_or_refuse BEFORE INSERT ON documents_signature
  FOR EACH ROW EXECUTE FUNCTION documents_sign_or_refuse();
CREATE TRIGGER sign_or_refuse BEFORE INSERT ON documents_refusal
  FOR EACH ROW EXECUTE FUNCTION documents_sign_or_refuse();

CREATE FUNCTION documents_bind_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM documents_slot s JOIN documents_revision r ON r.document_id = s.document_id
     WHERE s.id = NEW.slot_id AND r.id = NEW.revision_id
       AND (NEW.method = 'paper' OR r.added = 'signature')
  ) THEN
    RAISE EXCEPTION 'a signature binds a revision of its own document'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_signature BEFORE INSERT ON documents_signature
  FOR EACH ROW EXECUTE FUNCTION documents_bind_signature();

CREATE FUNCTION documents_two_saw_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.method = 'paper' AND 2 > (
    SELECT count(*) FROM documents_handwitness w
     WHERE w.signature_id = NEW.id AND w.person_id <> NEW.entered_by_id
  ) THEN
    RAISE EXCEPTION 'a signature by hand needs two witnesses, neither of them who enters it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER two_saw_it AFTER INSERT ON documents_signature
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION documents_two_saw_it();

CREATE FUNCTION documents_only_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR
     (to_jsonb(OLD) - 'revoked_at' - 'revoke_reason')
     IS DISTINCT FROM (to_jsonb(NEW) - 'revoked_at' - 'revoke_reason') THEN
    RAISE EXCEPTION 'a certificate can only be revoked, once'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_revoke BEFORE UPDATE ON documents_officecertificate
  FOR EACH ROW EXECUTE FUNCTION documents_only_revoke();
CREATE TRIGGER refuse_change BEFORE DELETE ON documents_officecertificate
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();

CREATE FUNCTION documents_use_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.used_at IS NOT NULL OR NEW.used_at IS NULL OR
     (to_jsonb(OLD) - 'used_at') IS DISTINCT FROM (to_jsonb(NEW) - 'used_at') THEN
    RAISE EXCEPTION 'a release is used once' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER use_once BEFORE UPDATE ON documents_release
  FOR EACH ROW EXECUTE FUNCTION documents_use_once();
"""
KEPT = [
    "document",
    "revision",
    "slot",
    "signature",
    "levelreached",
    "handwitness",
    "refusal",
    "taken",
    "authority",
    "revocationlist",
]
KEEP = "".join(
    f"""
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents_{table}
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
"""
    for table in KEPT
) + "".join(
    f"""
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents_{table}
  FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse_change();
"""
    for table in [*KEPT, "officecertificate", "release"]
)
UNDO = """
DROP FUNCTION documents_refuse_change, documents_only_add, documents_sign_or_refuse,
  documents_bind_signature, documents_two_saw_it, documents_only_revoke, documents_use_once CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunSQL(STAYS + KEEP, UNDO)]
