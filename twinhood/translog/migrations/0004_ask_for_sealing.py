"""Appending asks the worker to seal, in the same transaction and without a wait."""

from django.db import migrations

# One job for all who append within a second, not one for each: whoever cannot have the lock at
# once leaves it to its holder, and to the sweep each minute. Waiting for another transaction's job
# here could deadlock two posters.
ASK = """
CREATE FUNCTION translog_ask_for_sealing() RETURNS void LANGUAGE sql AS $$
  INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, scheduled_at)
  SELECT 'default', 'translog.seal', 'translog.seal', clock_timestamp() + interval '1 second'
  WHERE pg_try_advisory_xact_lock(hashtext('translog.seal'))
    AND NOT EXISTS (SELECT FROM procrastinate_jobs
                    WHERE queueing_lock = 'translog.seal' AND status = 'todo')
  ON CONFLICT DO NOTHING
$$;
"""
APPEND = """
CREATE FUNCTION translog_append(leaves bytea[], of_partnership text)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
  WITH added AS (
    INSERT INTO translog_leaf (partnership, data)
    SELECT coalesce(of_partnership, convert_from(data, 'UTF8')::json ->> 'partnership'), data
    FROM unnest(leaves) WITH ORDINALITY AS given (data, place) ORDER BY place
    RETURNING id
  ), waits AS (
    INSERT INTO translog_waiting (leaf_id) SELECT id FROM added
  )
  SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO ids FROM added;
  IF cardinality(ids) > 0 THEN PERFORM translog_ask_for_sealing(); END IF;
  RETURN ids;
END $$;
CREATE OR REPLACE FUNCTION translog_append(leaves bytea[]) RETURNS bigint[] LANGUAGE sql AS $$
  SELECT translog_append(leaves, NULL)
$$;
"""
BACK = """
CREATE OR REPLACE FUNCTION translog_append(leaves bytea[]) RETURNS bigint[] LANGUAGE sql AS $$
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
DROP FUNCTION translog_append(bytea[], text);
DROP FUNCTION translog_ask_for_sealing();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("translog", "0003_signing_keys"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [migrations.RunSQL(ASK + APPEND, BACK)]
