"""Forms are kept by one call of the server, several together.

A function, since its plans are made once for each connection: planning the statements costs more
than doing them.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION giving_keep(forms json)
RETURNS TABLE (
  number integer, forms_from_there integer, pledge bigint, stands boolean,
  donor bigint, donor_key bytea
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  form record;
BEGIN
  -- In one order everywhere, so that two who keep several at once do not wait for one another.
  FOR form IN
    SELECT * FROM json_to_recordset(forms) AS form (
      number integer, tally_key bytea, tally_ends_at timestamptz, tally_below integer,
      partnership_id bigint, fund_id bigint, need_id bigint, rail text, form_key uuid,
      form_digest bytea, reference text, secret_hash bytea, donor_id bigint, sealed bytea,
      wrapped_key bytea, email_index bytea, shows_name boolean, tells_organiser boolean,
      amount_minor bigint, cover_minor bigint, currency text, rhythm text, purpose text,
      sealed_words bytea, rule text, has_gift_aid boolean, language text, state text,
      sent_from bytea, made_at timestamptz
    ) ORDER BY tally_key, email_index, form_key
  LOOP
    number := form.number;
    forms_from_there := 0; pledge := NULL; stands := false; donor := NULL; donor_key := NULL;
    IF form.tally_key IS NOT NULL THEN
      INSERT INTO kit_tally AS tally (key, ends_at, count)
      VALUES (form.tally_key, form.tally_ends_at, 1)
      ON CONFLICT (key) DO UPDATE SET count = tally.count + 1
      RETURNING count INTO forms_from_there;
      IF forms_from_there >= form.tally_below THEN
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    IF form.donor_id IS NOT NULL THEN
      -- Sealed with the key that this donor still has.
      SELECT id INTO donor FROM giving_donor
       WHERE id = form.donor_id AND wrapped_key = form.wrapped_key;
    ELSIF form.sealed IS NOT NULL THEN
      INSERT INTO giving_donor (
        partnership_id, sealed, wrapped_key, email_index, language, wants_news, created_at
      ) VALUES (
        form.partnership_id, form.sealed, form.wrapped_key, form.email_index, form.language, true,
        form.made_at
      )
      ON CONFLICT (partnership_id, email_index) WHERE email_index IS NOT NULL DO NOTHING
      RETURNING id INTO donor;
    END IF;
    IF donor IS NOT NULL OR form.donor_id IS NULL AND form.sealed IS NULL THEN
      INSERT INTO giving_pledge (
        partnership_id, fund_id, need_id, rail, form_key, form_digest, reference, secret_hash,
        donor_id, shows_name, tells_organiser, amount_minor, cover_minor, currency, rhythm,
        purpose, sealed_words, rule, has_gift_aid, language, state, problem, rail_ref, sent_from,
        made_at, changed_at
      ) VALUES (
        form.partnership_id, form.fund_id, form.need_id, form.rail, form.form_key,
        form.form_digest, form.reference, form.secret_hash, donor, form.shows_name,
        form.tells_organiser, form.amount_minor, form.cover_minor, form.currency, form.rhythm,
        form.purpose, form.sealed_words, form.rule, form.has_gift_aid, form.language, form.state,
        '', '', form.sent_from, form.made_at, form.made_at
      )
      ON CONFLICT DO NOTHING
      RETURNING id INTO pledge;
      IF pledge IS NULL AND form.donor_id IS NULL THEN
        DELETE FROM giving_donor WHERE id = donor;
      END IF;
    END IF;
    IF pledge IS NULL THEN
      stands := EXISTS (SELECT FROM giving_pledge WHERE form_key = form.form_key);
      donor := NULL;
      SELECT id, wrapped_key INTO donor, donor_key FROM giving_donor
       WHERE partnership_id = form.partnership_id AND email_index = form.email_index
         AND wrapped_key IS NOT NULL;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("giving", "0012_rest_moved_by_two"), ("kit", "0001_tally")]

    operations = [
        migrations.RunSQL(KEEP, "DROP FUNCTION giving_keep(json)"),
    ]
