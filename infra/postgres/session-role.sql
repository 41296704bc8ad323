-- The role that the session service connects as: owner of the schema `session`, and of nothing else.
-- Run once in the service's database as a superuser, then give the role a password (\password
-- trivium_session) and put it into DATABASE_URL. Repeating it changes nothing.
-- Compose and `npm start` do without it: there the service's own superuser makes the schema.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trivium_session') THEN
    CREATE ROLE trivium_session LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO trivium_session', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA IF NOT EXISTS session AUTHORIZATION trivium_session;
