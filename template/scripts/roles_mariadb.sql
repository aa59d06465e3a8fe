-- The database's users, made anew each time compose.yaml starts the server, which runs this first.
-- `service_owner` migrates. `service_runtime` reads and writes rows, and changes no table.
EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE USER service_owner IDENTIFIED BY ',
    QUOTE(TRIM(TRAILING '\n' FROM LOAD_FILE('/run/secrets/database_owner_password'))));
EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE USER service_runtime IDENTIFIED BY ',
    QUOTE(TRIM(TRAILING '\n' FROM LOAD_FILE('/run/secrets/database_runtime_password'))));
GRANT ALL PRIVILEGES ON service.* TO service_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON service.* TO service_runtime;

-- Until release 1.3.0 the service ran as this user, who may change its tables.
DROP USER IF EXISTS service;

-- Yours: further users and rights, below this line
