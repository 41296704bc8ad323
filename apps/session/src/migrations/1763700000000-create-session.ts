import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every table starts its primary key with the tenant and every foreign key carries it: a row can
 * only ever belong to, and be reached through, rows of its own tenant.
 */
export class CreateSession1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE session.api_key (
        tenant     text        NOT NULL CHECK (tenant <> ''),
        id         text        NOT NULL,
        hash       bytea       NOT NULL CHECK (octet_length(hash) = 32),
        name       text        NOT NULL,
        scopes     text[]      NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz,
        PRIMARY KEY (tenant, id)
      )`);
    await runner.query(`CREATE UNIQUE INDEX api_key_hash ON session.api_key (hash)`);

    // Room in each page, so that moving a head touches no index.
    await runner.query(`
      CREATE TABLE session.conversation (
        tenant     text        NOT NULL CHECK (tenant <> ''),
        id         text        NOT NULL,
        head       integer     NOT NULL DEFAULT 0 CHECK (head >= 0),
        metadata   jsonb       NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant, id)
      ) WITH (fillfactor = 70)`);

    await runner.query(`
      CREATE TABLE session.response (
        tenant               text        NOT NULL CHECK (tenant <> ''),
        id                   text        NOT NULL,
        conversation_id      text,
        previous_response_id text,
        status               text        NOT NULL CHECK (status IN ('completed', 'incomplete', 'failed')),
        model                text        NOT NULL,
        finish_reason        text,
        input_tokens         integer     NOT NULL CHECK (input_tokens >= 0),
        output_tokens        integer     NOT NULL CHECK (output_tokens >= 0),
        metadata             jsonb       NOT NULL DEFAULT '{}',
        head                 integer     NOT NULL DEFAULT 0,
        item_count           integer     NOT NULL,
        created_at           timestamptz NOT NULL DEFAULT now(),
        deleted_at           timestamptz,
        PRIMARY KEY (tenant, id),
        FOREIGN KEY (tenant, conversation_id) REFERENCES session.conversation (tenant, id) ON DELETE CASCADE,
        CHECK (conversation_id IS NULL OR previous_response_id IS NULL)
      )`);
    await runner.query(`
      CREATE INDEX response_conversation ON session.response (tenant, conversation_id)
      WHERE conversation_id IS NOT NULL`);

    await runner.query(`
      CREATE TABLE session.item (
        tenant          text        NOT NULL CHECK (tenant <> ''),
        id              text        NOT NULL,
        conversation_id text,
        sequence        integer     CHECK (sequence > 0),
        response_id     text,
        direction       text        CHECK (direction IN ('input', 'output')),
        position        integer     NOT NULL,
        role            text        NOT NULL,
        status          text        NOT NULL,
        tool_call_id    text,
        created_at      timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant, id),
        FOREIGN KEY (tenant, conversation_id) REFERENCES session.conversation (tenant, id) ON DELETE CASCADE,
        FOREIGN KEY (tenant, response_id) REFERENCES session.response (tenant, id) ON DELETE CASCADE,
        CHECK ((conversation_id IS NULL) = (sequence IS NULL)),
        CHECK ((response_id IS NULL) = (direction IS NULL)),
        CHECK (conversation_id IS NOT NULL OR response_id IS NOT NULL)
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX item_sequence ON session.item (tenant, conversation_id, sequence)
      WHERE conversation_id IS NOT NULL`);
    await runner.query(`
      CREATE UNIQUE INDEX item_response ON session.item (tenant, response_id, direction, position)
      WHERE response_id IS NOT NULL`);

    await runner.query(`
      CREATE TABLE session.item_part (
        tenant   text    NOT NULL,
        item_id  text    NOT NULL,
        position integer NOT NULL,
        type     text    NOT NULL,
        text     text,
        file_id  text,
        filename text,
        PRIMARY KEY (tenant, item_id, position),
        FOREIGN KEY (tenant, item_id) REFERENCES session.item (tenant, id) ON DELETE CASCADE,
        CHECK (CASE type WHEN 'text' THEN text IS NOT NULL ELSE file_id IS NOT NULL END)
      )`);
    await runner.query(`
      CREATE TABLE session.item_tool_call (
        tenant    text    NOT NULL,
        item_id   text    NOT NULL,
        position  integer NOT NULL,
        call_id   text    NOT NULL,
        name      text    NOT NULL,
        arguments text    NOT NULL,
        PRIMARY KEY (tenant, item_id, position),
        FOREIGN KEY (tenant, item_id) REFERENCES session.item (tenant, id) ON DELETE CASCADE
      )`);
    await runner.query(`
      CREATE TABLE session.item_artifact (
        tenant   text    NOT NULL,
        item_id  text    NOT NULL,
        position integer NOT NULL,
        kind     text    NOT NULL,
        file_id  text,
        data     jsonb   NOT NULL,
        PRIMARY KEY (tenant, item_id, position),
        FOREIGN KEY (tenant, item_id) REFERENCES session.item (tenant, id) ON DELETE CASCADE
      )`);

    await runner.query(`
      CREATE TABLE session.outbox (
        position     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id           text        NOT NULL UNIQUE,
        tenant       text        NOT NULL,
        subject      text        NOT NULL,
        payload      jsonb       NOT NULL,
        attempts     integer     NOT NULL DEFAULT 0,
        created_at   timestamptz NOT NULL DEFAULT now(),
        available_at timestamptz NOT NULL DEFAULT now()
      )`);

    await runner.query(`
      CREATE TABLE session.file (
        tenant     text        NOT NULL CHECK (tenant <> ''),
        id         text        NOT NULL,
        filename   text        NOT NULL,
        media_type text        NOT NULL,
        purpose    text        NOT NULL,
        size       bigint      NOT NULL CHECK (size >= 0),
        sha256     bytea       NOT NULL CHECK (octet_length(sha256) = 32),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        PRIMARY KEY (tenant, id)
      )`);
    await runner.query(`CREATE INDEX file_listing ON session.file (tenant, created_at, id)`);
    await runner.query(`CREATE INDEX file_expiry ON session.file (expires_at) WHERE expires_at IS NOT NULL`);
    await runner.query(`
      CREATE TABLE session.file_chunk (
        tenant   text    NOT NULL,
        file_id  text    NOT NULL,
        position integer NOT NULL,
        bytes    bytea   NOT NULL,
        PRIMARY KEY (tenant, file_id, position),
        FOREIGN KEY (tenant, file_id) REFERENCES session.file (tenant, id) ON DELETE CASCADE
      )`);
    // Images, audio and PDF are compressed already: trying again costs time and gains nothing.
    await runner.query(`ALTER TABLE session.file_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE session.file_chunk`);
    await runner.query(`DROP TABLE session.file`);
    await runner.query(`DROP TABLE session.outbox`);
    await runner.query(`DROP TABLE session.item_artifact`);
    await runner.query(`DROP TABLE session.item_tool_call`);
    await runner.query(`DROP TABLE session.item_part`);
    await runner.query(`DROP TABLE session.item`);
    await runner.query(`DROP TABLE session.response`);
    await runner.query(`DROP TABLE session.conversation`);
    await runner.query(`DROP TABLE session.api_key`);
  }
}
