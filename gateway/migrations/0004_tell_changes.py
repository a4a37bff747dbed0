"""The database itself tells of every change that a key's record shows, with the commit: see gateway/keys/commits.py."""

from django.db import migrations

# Told are the workspace's id (`*`: any) and whether something may have stopped. The argument is the column that holds
# the id. A key's last use is written all the time and changes nothing.
FUNCTION = """
    CREATE FUNCTION gateway_tell_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    DECLARE
        changed jsonb;
        whose text;
        verb text := CASE WHEN TG_OP = 'INSERT' OR TG_ARGV[0] = '*' THEN 'changes' ELSE 'stops' END;
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'last_used_at' = to_jsonb(NEW) - 'last_used_at' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
        whose := changed ->> TG_ARGV[0];
        IF TG_ARGV[0] = 'key_id' THEN
            SELECT workspace_id INTO whose FROM gateway_apikey WHERE id = whose::bigint;
            -- A secret that goes with its key: the key tells.
            IF whose IS NULL THEN RETURN NULL; END IF;
        END IF;
        PERFORM pg_notify('moondev_key_changes', coalesce(whose, '*') || ' ' || verb);
        RETURN NULL;
    END
    $body$;
"""
TABLES = {
    "gateway_apikey": "workspace_id",
    "gateway_keysecret": "key_id",
    "accounts_workspace": "id",
    "billing_entitlement": "workspace_id",
    "billing_boost": "workspace_id",
    "billing_plan": "*",
    "billing_addon": "*",
}


def trigger(table, column):
    return migrations.RunSQL(
        f"CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION gateway_tell_change('{column}')",
        f"DROP TRIGGER tell_change ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("gateway", "0003_pending_keys"), ("accounts", "0001_initial"), ("billing", "0002_payments")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION gateway_tell_change()"),
        *[trigger(table, column) for table, column in TABLES.items()],
    ]
