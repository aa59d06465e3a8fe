-- The database's roles, made or brought up to date each time compose.yaml starts (psql reads this).
-- `service_owner` migrates. `service_runtime` reads and writes rows, and changes no table.
\set ON_ERROR_STOP on
\set owner_password `cat /run/secrets/database_owner_password`
\set runtime_password `cat /run/secrets/database_runtime_password`
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY['service_owner', 'service_runtime']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec
ALTER ROLE service_owner PASSWORD :'owner_password';
ALTER ROLE service_runtime PASSWORD :'runtime_password';

-- Until release 1.3.0 the service migrated as the server's superuser, who owned its tables.
ALTER SCHEMA public OWNER TO service_owner;
SELECT format('ALTER TABLE %s OWNER TO service_owner', oid::regclass)
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
  AND relowner <> 'service_owner'::regrole \gexec
SELECT format('ALTER TYPE %s OWNER TO service_owner', oid::regtype)
FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e')
  AND typowner <> 'service_owner'::regrole \gexec
SELECT format('ALTER ROUTINE %s OWNER TO service_owner', oid::regprocedure)
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner <> 'service_owner'::regrole \gexec

GRANT USAGE ON SCHEMA public TO service_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO service_runtime;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO service_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE service_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO service_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE service_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO service_runtime;

-- Yours: further roles and rights, below this line

COMMIT;
