CREATE TABLE audit_entries (
  seq         bigint PRIMARY KEY,
  at          timestamptz(3) NOT NULL,
  actor_kind  text NOT NULL,
  actor_id    text,
  actor_name  text NOT NULL,
  source      text NOT NULL,
  action      text NOT NULL CONSTRAINT audit_entries_action_form CHECK (action ~ '^[a-z0-9-]+\.[a-z0-9-]+$'),
  target_kind text NOT NULL,
  target_id   text,
  target_name text NOT NULL,
  team_id     text,
  result      text NOT NULL CONSTRAINT audit_entries_result_known CHECK (result IN ('accepted', 'refused')),
  reason      text,
  before      text,
  after       text,
  hash        bytea NOT NULL CONSTRAINT audit_entries_hash_length CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_entries_by_time ON audit_entries (at);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_name, seq);
CREATE INDEX audit_entries_by_target ON audit_entries (target_id, seq);
COMMENT ON TABLE audit_entries IS 'One row per accepted mutation and per refusal. Only audit_append inserts; nobody but the owner could change or delete.';
COMMENT ON COLUMN audit_entries.seq IS 'Counts from 1 without gaps, in the order of commits.';
COMMENT ON COLUMN audit_entries.at IS 'When it was written.';
COMMENT ON COLUMN audit_entries.actor_kind IS 'user, token, node, local-root, system or anonymous.';
COMMENT ON COLUMN audit_entries.actor_id IS 'Id of the user, token or node; null if there is none.';
COMMENT ON COLUMN audit_entries.actor_name IS 'The name at that time, kept even if the actor is renamed or deleted.';
COMMENT ON COLUMN audit_entries.source IS 'Address the request came from, or local.';
COMMENT ON COLUMN audit_entries.action IS 'Noun and verb: workload.scale, user.create, session.login.';
COMMENT ON COLUMN audit_entries.target_kind IS 'What kind of thing it was done to.';
COMMENT ON COLUMN audit_entries.target_id IS 'Its id; null if it has none or the refused request did not say.';
COMMENT ON COLUMN audit_entries.target_name IS 'Its name at that time.';
COMMENT ON COLUMN audit_entries.team_id IS 'The team it belongs to; null if none.';
COMMENT ON COLUMN audit_entries.result IS 'accepted or refused.';
COMMENT ON COLUMN audit_entries.reason IS 'Why it was refused; null for what was accepted.';
COMMENT ON COLUMN audit_entries.before IS 'JSON of the state before, secrets masked; null if there was none. Text, because its bytes are hashed.';
COMMENT ON COLUMN audit_entries.after IS 'JSON of the state after, secrets masked; null if there is none. Text, because its bytes are hashed.';
COMMENT ON COLUMN audit_entries.hash IS 'SHA-256 over the hash of the entry before (32 zero bytes for the first) and every other column of this row as audit_field writes it.';

CREATE TABLE audit_head (
  singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT audit_head_one_row CHECK (singleton),
  seq       bigint NOT NULL,
  hash      bytea NOT NULL CONSTRAINT audit_head_hash_length CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE audit_head IS 'End of the chain. Its row is the last lock of every mutation, held from the last statement to the commit.';
COMMENT ON COLUMN audit_head.singleton IS 'There is one row.';
COMMENT ON COLUMN audit_head.seq IS 'The newest entry''s seq; 0 while there is none.';
COMMENT ON COLUMN audit_head.hash IS 'The newest entry''s hash; zeros while there is none.';
INSERT INTO audit_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- A null is a hyphen; anything else is its length in bytes, a colon and its bytes in UTF-8, so that no two rows look alike.
CREATE FUNCTION audit_field(value text) RETURNS bytea LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN value IS NULL THEN '\x2d'::bytea
               ELSE convert_to(octet_length(convert_to(value, 'UTF8'))::text || ':' || value, 'UTF8') END $$;
COMMENT ON FUNCTION audit_field(text) IS 'How a column''s value enters the hash of its row.';

CREATE FUNCTION audit_append(
  at timestamptz, actor_kind text, actor_id text, actor_name text, source text, action text,
  target_kind text, target_id text, target_name text, team_id text, result text, reason text, before text, after text,
  OUT new_seq bigint, OUT new_hash bytea)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${flyway:defaultSchema}, pg_temp AS $$
DECLARE
  head audit_head%ROWTYPE;
  moment timestamptz(3) := at;
BEGIN
  SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
  new_seq := head.seq + 1;
  new_hash := sha256(head.hash
    || audit_field(new_seq::text)
    || audit_field((extract(epoch FROM moment) * 1000)::bigint::text)
    || audit_field(actor_kind) || audit_field(actor_id) || audit_field(actor_name) || audit_field(source)
    || audit_field(action) || audit_field(target_kind) || audit_field(target_id) || audit_field(target_name)
    || audit_field(team_id) || audit_field(result) || audit_field(reason) || audit_field(before) || audit_field(after));
  INSERT INTO audit_entries VALUES (new_seq, moment, actor_kind, actor_id, actor_name, source, action,
    target_kind, target_id, target_name, team_id, result, reason, before, after, new_hash);
  UPDATE audit_head SET seq = new_seq, hash = new_hash;
END $$;
COMMENT ON FUNCTION audit_append IS 'The only way to add an entry: locks the head, chains the entry to it and moves the head.';

-- The running control plane reads and appends; it can neither change, delete nor invent entries, nor move the head.
REVOKE ALL ON audit_entries, audit_head FROM ${app};
GRANT SELECT ON audit_entries, audit_head TO ${app};
REVOKE ALL ON FUNCTION audit_append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_append TO ${app};
