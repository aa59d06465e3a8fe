-- Database roles, created or updated at every start of compose.yaml (psql reads this file).
-- `service_owner` runs migrations. `service_runtime` reads and writes rows, and cannot alter tables.
\set ON_ERROR_STOP on
\set owner_password `cat /run/secrets/database_owner_password`
\set runtime_password `cat /run/secrets/database_runtime_password`
BEGIN;
-- Runs as a superuser: names must not resolve to objects that `service_owner` made in `public`.
SET LOCAL search_path = pg_catalog;

SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY['service_owner', 'service_runtime']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec
ALTER ROLE service_owner PASSWORD :'owner_password';
ALTER ROLE service_runtime PASSWORD :'runtime_password';

-- Before release 1.3.0 the service migrated as the server's superuser, who owned its tables.
GRANT CREATE ON DATABASE :"DBNAME" TO service_owner;
ALTER SCHEMA public OWNER TO service_owner;
SELECT format('ALTER %s %s OWNER TO service_owner', kind, name)
FROM (
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
        oid::regclass::text, 'pg_class'::regclass, oid, relnamespace, relowner
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    UNION ALL
    SELECT 'TYPE', oid::regtype::text, 'pg_type'::regclass, oid, typnamespace, typowner
    FROM pg_type WHERE typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT 'ROUTINE', oid::regprocedure::text, 'pg_proc'::regclass, oid, pronamespace, proowner
    FROM pg_proc
) AS object (kind, name, catalog, id, namespace, owner)
WHERE namespace = 'public'::regnamespace
    AND pg_get_userbyid(owner) <> 'service_owner'
    -- Skip objects of extensions, and sequences of columns, which follow their table.
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = catalog AND objid = id
        AND (deptype = 'e' OR (kind = 'SEQUENCE' AND deptype IN ('a', 'i')))
    ) \gexec

GRANT USAGE ON SCHEMA public TO service_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO service_runtime;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO service_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE service_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO service_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE service_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO service_runtime;

-- Yours: further roles and rights, below this line

COMMIT;
