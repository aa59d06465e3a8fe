-- Database users, recreated at every start of compose.yaml (MariaDB's init-file).
-- `service_owner` runs migrations. `service_runtime` reads and writes rows, and cannot alter tables.

-- Before release 1.3.0 the service ran as this user. Its views and triggers still require it.
ALTER USER IF EXISTS service ACCOUNT LOCK;

EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE USER service_owner IDENTIFIED BY ',
    QUOTE(TRIM(TRAILING '\n' FROM LOAD_FILE('/run/secrets/database_owner_password'))));
EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE USER service_runtime IDENTIFIED BY ',
    QUOTE(TRIM(TRAILING '\n' FROM LOAD_FILE('/run/secrets/database_runtime_password'))));
GRANT ALL PRIVILEGES ON service.* TO service_owner;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON service.* TO service_runtime;

-- Yours: further users and rights, below this line
