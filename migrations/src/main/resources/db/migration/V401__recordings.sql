CREATE TABLE recordings (
  id              uuid PRIMARY KEY,
  allocation_id   uuid NOT NULL,
  allocation_name text NOT NULL,
  team_id         uuid NOT NULL,
  actor_id        uuid,
  actor_kind      text NOT NULL,
  actor_name      text NOT NULL,
  source          text NOT NULL,
  command         jsonb,
  run_as          text,
  keeper          uuid NOT NULL,
  started_at      timestamptz(3) NOT NULL,
  ended_at        timestamptz(3),
  ending          text CONSTRAINT recordings_ending_known
                  CHECK (ending IN ('exited', 'left', 'access-ended', 'node-away', 'refused', 'interrupted')),
  exit_code       integer,
  bytes           bigint NOT NULL DEFAULT 0 CONSTRAINT recordings_bytes_positive CHECK (bytes >= 0),
  sha256          text CONSTRAINT recordings_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  flaw            text,
  removed_at      timestamptz(3),
  CONSTRAINT recordings_end_has_a_cause CHECK ((ended_at IS NULL) = (ending IS NULL)),
  CONSTRAINT recordings_removed_after_end CHECK (removed_at IS NULL OR ended_at IS NOT NULL)
);
CREATE INDEX recordings_by_keeper ON recordings (keeper, ended_at);
COMMENT ON TABLE recordings IS 'One row per terminal that was opened, by browser or API. Its output stands in a file; what proves the file is the audit entry terminal.end, not this row.';
COMMENT ON COLUMN recordings.id IS 'UUIDv7; names the file ID.cast, too.';
COMMENT ON COLUMN recordings.allocation_id IS 'Where it was opened. No reference: recordings outlive allocations.';
COMMENT ON COLUMN recordings.allocation_name IS 'Workload and replica at that time.';
COMMENT ON COLUMN recordings.team_id IS 'The team of the workload. No reference, as above.';
COMMENT ON COLUMN recordings.actor_id IS 'Who opened it; null for local root.';
COMMENT ON COLUMN recordings.actor_kind IS 'How they proved who they are, as in the audit log.';
COMMENT ON COLUMN recordings.actor_name IS 'Their name at that time.';
COMMENT ON COLUMN recordings.source IS 'Address the request came from, or local.';
COMMENT ON COLUMN recordings.command IS 'Array of the words of the command, empty for a shell that is found; null for the container''s own process.';
COMMENT ON COLUMN recordings.run_as IS 'The user in the container that was asked for; null for the image''s.';
COMMENT ON COLUMN recordings.keeper IS 'The data directory that has the file; only its control plane reads, checks, closes and removes it.';
COMMENT ON COLUMN recordings.started_at IS 'When it was opened.';
COMMENT ON COLUMN recordings.ended_at IS 'When it ended, or when it was found that it had; null while it lives.';
COMMENT ON COLUMN recordings.ending IS 'exited; left (nobody came back); access-ended; node-away; refused (the node opened nothing); interrupted (the control plane ended).';
COMMENT ON COLUMN recordings.exit_code IS 'Null if there was none or it is unknown.';
COMMENT ON COLUMN recordings.bytes IS 'Length of the file at the end.';
COMMENT ON COLUMN recordings.sha256 IS 'Hash of the whole file at the end, lower-case hex; null while it lives or if there is no file.';
COMMENT ON COLUMN recordings.flaw IS 'Why the recording lacks something, as a sentence; null if it is complete.';
COMMENT ON COLUMN recordings.removed_at IS 'When retention removed the file; null while it is there.';
