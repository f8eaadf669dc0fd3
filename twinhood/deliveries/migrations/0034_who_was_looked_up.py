"""The database compares names with the lists itself; a hit does not end with a list that forgot it;
who was looked up is who is bought from.

`deliveries_folded` is `core.listed.folded` in SQL; a test holds the two together.
"""

from django.db import migrations, models

FOLDED = """
CREATE FUNCTION deliveries_folded(name text) RETURNS text LANGUAGE sql STABLE AS $$
  WITH plain AS (
    SELECT regexp_replace(normalize(
      translate(
        replace(replace(replace(replace(replace(replace(replace(replace(
          casefold(normalize(name, NFC) COLLATE pg_unicode_fast),
          'ж', 'zh'), 'х', 'kh'), 'ц', 'ts'), 'ч', 'ch'), 'ш', 'sh'), 'щ', 'shch'),
          'ю', 'iu'), 'я', 'ia'),
        'абвгґдеєёзиіїйклмнопрстуфыэъь’''', 'abvggdeeeziiiiklmnoprstufie'),
      NFKD), '[\\u0300-\\u036f]', '', 'g') AS text
  ), words AS (
    SELECT found[1] AS word, found[1] = ANY (ARRAY[
      'llc', 'ltd', 'limited', 'inc', 'corp', 'co', 'company', 'gmbh', 'ag', 'sa', 'oao', 'ooo',
      'zao', 'pao', 'tov', 'pp', 'prat', 'pat', 'at', 'fop', 'the', 'of', 'and', 'joint', 'stock',
      'public'
    ]) AS is_form
      FROM plain, regexp_matches(plain.text, '[a-z0-9]+', 'g') AS found
  ), spelt AS (
    SELECT replace(replace(replace(replace(replace(replace(
             word, 'yi', 'i'), 'y', 'i'), 'ii', 'i'), 'j', 'i'), 'w', 'v'), 'h', 'g') AS word
      FROM words WHERE NOT is_form OR NOT EXISTS (SELECT FROM words WHERE NOT is_form)
  )
  SELECT coalesce(string_agg(word, ' ' ORDER BY word COLLATE "C"), '') FROM spelt
$$;
"""
# The likeness is `screening.PERCENT_MIN`, the number of hits `screening.HITS_MAX`.
FOUND = """
CREATE FUNCTION deliveries_find_all_hits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Not as a setting of the function: who is no superuser may not write down one of a library
  -- that nothing has loaded yet.
  PERFORM set_config('pg_trgm.similarity_threshold', '0.45', true);
  IF EXISTS (
    SELECT FROM jsonb_array_elements_text(NEW.names) AS asked(name),
      deliveries_folded(asked.name) AS likened(folded),
      LATERAL (
        SELECT l.code, n.uid, n.name FROM deliveries_listedname n
          JOIN deliveries_screeninglist l ON l.id = n.list_id
         WHERE likened.folded <> '' AND n.folded % likened.folded
         ORDER BY similarity(n.folded, likened.folded) DESC, n.id LIMIT 20
      ) AS hit
     WHERE NOT NEW.hits @> jsonb_build_array(jsonb_build_object(
       'list', hit.code, 'uid', hit.uid, 'name', hit.name, 'asked', asked.name))
  ) THEN
    RAISE EXCEPTION 'a result shows every listed name that is like one of those asked'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.outcome = 'clear' AND EXISTS (
    SELECT FROM (
      SELECT s.outcome FROM deliveries_screening s
       WHERE s.organisation_id = NEW.organisation_id AND s.partnership_id = NEW.partnership_id
       ORDER BY s.screened_at DESC, s.id DESC LIMIT 1
    ) AS before WHERE before.outcome <> 'clear'
  ) THEN
    RAISE EXCEPTION 'what was found before and not cleared is decided about by somebody'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- After `bind_screening`, which looks at what was asked.
CREATE TRIGGER find_all_hits BEFORE INSERT ON deliveries_screening
  FOR EACH ROW EXECUTE FUNCTION deliveries_find_all_hits();

CREATE FUNCTION deliveries_keep_folded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added n WHERE n.folded <> left(deliveries_folded(n.name), 600)) THEN
    RAISE EXCEPTION 'a listed name is compared as it is written'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_folded AFTER INSERT ON deliveries_listedname
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_folded();

-- A download that broke off looks like a list of few names.
CREATE FUNCTION deliveries_list_shrinks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before deliveries_screeninglist;
BEGIN
  SELECT * INTO before FROM deliveries_screeninglist l
   WHERE l.code = NEW.code ORDER BY l.version_date DESC, l.id DESC LIMIT 1;
  IF before.version_date > NEW.version_date THEN
    RAISE EXCEPTION 'a list gives way to a newer version'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.names_count::bigint * 10 < before.names_count::bigint * 9 AND NEW.shorter_reason = '' THEN
    RAISE EXCEPTION 'a list that lost a tenth of its names says why'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER list_shrinks BEFORE INSERT ON deliveries_screeninglist
  FOR EACH ROW EXECUTE FUNCTION deliveries_list_shrinks();
"""
# As 0017 has it, and the names are those that were looked up.
REFUSE = """
CREATE OR REPLACE FUNCTION deliveries_refuse_unscreened() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz; o deliveries_order; supplier bigint; holder text;
BEGIN
  IF TG_TABLE_NAME = 'deliveries_order' THEN
    o := NEW; moment := coalesce(NEW.placed_at, NEW.approved_at, now());
  ELSE
    SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id;
    SELECT p.holder INTO holder FROM deliveries_payeeaccount p WHERE p.id = NEW.payee_id;
    moment := NEW.paid_at;
  END IF;
  SELECT q.supplier_id INTO supplier FROM needs_quote q WHERE q.id = o.quote_id;
  IF NOT deliveries_is_clear(supplier, o.partnership_id, moment) OR NOT deliveries_is_clear(
    (SELECT n.beneficiary_id FROM needs_need n WHERE n.id = o.need_id), o.partnership_id, moment)
  THEN
    RAISE EXCEPTION 'supplier and beneficiary are clear of sanctions first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;{named}
  IF holder IS NOT NULL AND NOT (
    SELECT s.names ? holder FROM deliveries_screening s
     WHERE s.organisation_id = supplier AND s.partnership_id = o.partnership_id
     ORDER BY s.screened_at DESC, s.id DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'the holder of the account is looked up first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
NAMED = """
  IF EXISTS (
    SELECT FROM people_organisation b, jsonb_each_text(b.name) AS called(language, name)
     WHERE b.id IN (supplier, (SELECT n.beneficiary_id FROM needs_need n WHERE n.id = o.need_id))
       AND NOT (
         SELECT s.names ? called.name FROM deliveries_screening s
          WHERE s.organisation_id = b.id AND s.partnership_id = o.partnership_id
          ORDER BY s.screened_at DESC, s.id DESC LIMIT 1)
  ) THEN
    RAISE EXCEPTION 'supplier and beneficiary are looked up by the names that they have'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;"""
SUPPLIERS = """
CREATE FUNCTION deliveries_keep_supplier_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM deliveries_order o JOIN needs_quote q ON q.id = o.quote_id
     WHERE q.supplier_id = OLD.id AND o.state IN ('approved', 'placed', 'cancelled')
  ) AND NOT EXISTS (
    SELECT FROM needs_renaming r
     WHERE r.is_agreed AND r.name_before = OLD.name AND r.name = NEW.name
       AND r.id = (SELECT max(last.id) FROM needs_renaming last
                    WHERE last.organisation_id = OLD.id AND last.is_agreed)
  ) THEN
    RAISE EXCEPTION 'the name of a supplier that was approved changes by the word of two'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_supplier_name BEFORE UPDATE OF name ON people_organisation
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
  EXECUTE FUNCTION deliveries_keep_supplier_name();
"""
UNDO = """
DROP FUNCTION deliveries_keep_supplier_name, deliveries_list_shrinks, deliveries_keep_folded,
  deliveries_find_all_hits CASCADE;
DROP FUNCTION deliveries_folded(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0033_parts_of_prices_back"),
        ("needs", "0017_checked_names_stay"),
    ]
    operations = [
        migrations.AddField(
            "screeninglist",
            "shorter_reason",
            models.CharField(blank=True, default="", max_length=300),
            preserve_default=False,
        ),
        migrations.RunSQL(FOLDED + FOUND + SUPPLIERS, UNDO),
        migrations.RunSQL(REFUSE.replace("{named}", NAMED), REFUSE.replace("{named}", "")),
    ]
