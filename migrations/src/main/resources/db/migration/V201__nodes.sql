CREATE TABLE control_plane (
  singleton   boolean PRIMARY KEY DEFAULT true CONSTRAINT control_plane_one_row CHECK (singleton),
  id          uuid NOT NULL,
  private_key bytea NOT NULL,
  public_key  bytea NOT NULL CONSTRAINT control_plane_public_key_length CHECK (octet_length(public_key) = 32),
  incarnation bigint NOT NULL CONSTRAINT control_plane_incarnation_positive CHECK (incarnation > 0),
  created_at  timestamptz(3) NOT NULL
);
COMMENT ON TABLE control_plane IS 'Who the control plane is to its nodes; shared by all its replicas.';
COMMENT ON COLUMN control_plane.singleton IS 'There is one row.';
COMMENT ON COLUMN control_plane.id IS 'UUIDv7; signed into every handshake.';
COMMENT ON COLUMN control_plane.private_key IS 'Ed25519 in PKCS #8; never leaves the control plane.';
COMMENT ON COLUMN control_plane.public_key IS 'The raw 32 bytes; their SHA-256 stands in every join line.';
COMMENT ON COLUMN control_plane.incarnation IS 'Which life of this database it is; raised above every node''s when a node knows a newer spec than the database, that is, after a restore.';
COMMENT ON COLUMN control_plane.created_at IS 'First start.';

CREATE TABLE leader (
  singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT leader_one_row CHECK (singleton),
  epoch     bigint NOT NULL,
  holder    uuid,
  beat      bigint NOT NULL
);
COMMENT ON TABLE leader IS 'Which replica of the control plane reconciles. Every transaction of the leader locks this row first and checks that it still holds it.';
COMMENT ON COLUMN leader.singleton IS 'There is one row.';
COMMENT ON COLUMN leader.epoch IS 'Grows with every change of holder; never shrinks.';
COMMENT ON COLUMN leader.holder IS 'The replica; null after a clean stop.';
COMMENT ON COLUMN leader.beat IS 'Grows while the holder lives; others take over when they have seen it stand still, by their own monotonic clock.';
INSERT INTO leader (epoch, holder, beat) VALUES (0, NULL, 0);

CREATE TABLE nodes (
  id                    uuid PRIMARY KEY,
  name                  text NOT NULL
                        CONSTRAINT nodes_name_form CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  public_key            bytea NOT NULL CONSTRAINT nodes_public_key_length CHECK (octet_length(public_key) = 32),
  facts                 jsonb NOT NULL,
  arch                  text NOT NULL,
  labels                jsonb NOT NULL DEFAULT '{}',
  cpu_millis            bigint NOT NULL,
  memory_bytes          bigint NOT NULL,
  reserved_cpu_millis   bigint NOT NULL DEFAULT 0 CONSTRAINT nodes_reserved_cpu_positive CHECK (reserved_cpu_millis >= 0),
  reserved_memory_bytes bigint NOT NULL DEFAULT 0 CONSTRAINT nodes_reserved_memory_positive CHECK (reserved_memory_bytes >= 0),
  generation            bigint NOT NULL DEFAULT 1 CONSTRAINT nodes_generation_positive CHECK (generation > 0),
  accepted_incarnation  bigint NOT NULL DEFAULT 0,
  accepted_generation   bigint NOT NULL DEFAULT 0,
  quarantined           jsonb NOT NULL DEFAULT '[]',
  created_at            timestamptz(3) NOT NULL,
  cordoned_at           timestamptz(3),
  draining_at           timestamptz(3),
  lost_at               timestamptz(3),
  fenced_at             timestamptz(3),
  revoked_at            timestamptz(3),
  CONSTRAINT nodes_cpu CHECK (reserved_cpu_millis <= cpu_millis),
  CONSTRAINT nodes_memory CHECK (reserved_memory_bytes <= memory_bytes),
  CONSTRAINT nodes_draining_is_cordoned CHECK (draining_at IS NULL OR cordoned_at IS NOT NULL)
);
CREATE UNIQUE INDEX nodes_name_unique ON nodes (name) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX nodes_public_key_unique ON nodes (public_key);
COMMENT ON TABLE nodes IS 'Hosts that were enrolled. Rows are locked in the order of their ids, after the team row, by every mutation that places or frees.';
COMMENT ON COLUMN nodes.id IS 'UUIDv7; never reused.';
COMMENT ON COLUMN nodes.name IS 'From the host name; unique among nodes that are not revoked.';
COMMENT ON COLUMN nodes.public_key IS 'The node''s Ed25519 key, raw; the private half never leaves the host. A key enrols once.';
COMMENT ON COLUMN nodes.facts IS 'What the agent said of its host at the start of the newest session.';
COMMENT ON COLUMN nodes.arch IS 'From the facts; as OCI names it.';
COMMENT ON COLUMN nodes.labels IS 'Object of strings that workloads may ask for; set by operators.';
COMMENT ON COLUMN nodes.cpu_millis IS 'What may be reserved: the larger of what the host has and what is reserved already.';
COMMENT ON COLUMN nodes.memory_bytes IS 'What may be reserved: the larger of what the host has and what is reserved already.';
COMMENT ON COLUMN nodes.reserved_cpu_millis IS 'Sum over the allocations of this node that have not ended; kept by the trigger on allocations.';
COMMENT ON COLUMN nodes.reserved_memory_bytes IS 'Sum over the allocations of this node that have not ended; kept by the trigger on allocations.';
COMMENT ON COLUMN nodes.generation IS 'Of the NodeSpec; grows in the transaction of every change of what the node is told, by the trigger on allocations.';
COMMENT ON COLUMN nodes.accepted_incarnation IS 'Of the newest NodeSpec that the node said it holds.';
COMMENT ON COLUMN nodes.accepted_generation IS 'Of the newest NodeSpec that the node said it holds.';
COMMENT ON COLUMN nodes.quarantined IS 'Array of allocation ids that run there and that nobody knows: shown, never stopped.';
COMMENT ON COLUMN nodes.created_at IS 'When it was enrolled.';
COMMENT ON COLUMN nodes.cordoned_at IS 'Since when nothing new is placed there; null while open.';
COMMENT ON COLUMN nodes.draining_at IS 'Since when its allocations are moved away; null while they stay.';
COMMENT ON COLUMN nodes.lost_at IS 'Since when it is given up; null from the moment it is heard again.';
COMMENT ON COLUMN nodes.fenced_at IS 'When an operator confirmed that nothing runs there any more; null again when it opens a session.';
COMMENT ON COLUMN nodes.revoked_at IS 'From then on its key is refused; never cleared.';

CREATE TABLE node_beats (
  node_id  uuid PRIMARY KEY CONSTRAINT node_beats_node REFERENCES nodes (id) ON DELETE CASCADE,
  beat     bigint NOT NULL DEFAULT 0,
  heard_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE node_beats IS 'Signs of life, apart from the nodes'' rows so that writing them waits for no lock.';
COMMENT ON COLUMN node_beats.node_id IS 'The node.';
COMMENT ON COLUMN node_beats.beat IS 'Grows whenever the node was heard; observers measure with their own monotonic clock how long it stands still.';
COMMENT ON COLUMN node_beats.heard_at IS 'For people: when it last grew, by the database''s clock.';

CREATE TABLE join_tokens (
  id         uuid PRIMARY KEY,
  token_hash bytea NOT NULL CONSTRAINT join_tokens_token_unique UNIQUE
             CONSTRAINT join_tokens_token_length CHECK (octet_length(token_hash) = 32),
  created_at timestamptz(3) NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at    timestamptz(3),
  node_id    uuid CONSTRAINT join_tokens_node REFERENCES nodes (id) ON DELETE SET NULL,
  CONSTRAINT join_tokens_life CHECK (expires_at <= created_at + interval '1 hour'),
  CONSTRAINT join_tokens_used_once CHECK (node_id IS NULL OR used_at IS NOT NULL)
);
COMMENT ON TABLE join_tokens IS 'Single-use permissions to become a node.';
COMMENT ON COLUMN join_tokens.id IS 'UUIDv7, harmless to show.';
COMMENT ON COLUMN join_tokens.token_hash IS 'SHA-256 of the token''s 256 random bits; the token itself is shown once and not kept.';
COMMENT ON COLUMN join_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN join_tokens.created_by IS 'Name of who made it.';
COMMENT ON COLUMN join_tokens.expires_at IS 'From then on it is refused; at most an hour after it was made.';
COMMENT ON COLUMN join_tokens.used_at IS 'When it was used; set once, by the enrolment that succeeded.';
COMMENT ON COLUMN join_tokens.node_id IS 'The node that it made; null before.';

CREATE TABLE node_events (
  id      uuid PRIMARY KEY,
  node_id uuid NOT NULL CONSTRAINT node_events_node REFERENCES nodes (id) ON DELETE CASCADE,
  at      timestamptz(3) NOT NULL,
  kind    text NOT NULL,
  detail  text NOT NULL
);
CREATE INDEX node_events_by_node ON node_events (node_id, id);
COMMENT ON TABLE node_events IS 'What happened to a node, for its timeline; the newest 500 of each node are kept.';
COMMENT ON COLUMN node_events.id IS 'UUIDv7.';
COMMENT ON COLUMN node_events.node_id IS 'The node.';
COMMENT ON COLUMN node_events.at IS 'When, by the control plane''s clock.';
COMMENT ON COLUMN node_events.kind IS 'enrolled, connected, disconnected, lost, back, cordoned, uncordoned, draining, fenced, revoked, refused.';
COMMENT ON COLUMN node_events.detail IS 'One sentence.';

CREATE TABLE node_samples (
  node_id uuid NOT NULL CONSTRAINT node_samples_node REFERENCES nodes (id) ON DELETE CASCADE,
  slot    integer NOT NULL CONSTRAINT node_samples_slot CHECK (slot BETWEEN 0 AND 1439),
  at      timestamptz(3) NOT NULL,
  sample  jsonb NOT NULL,
  PRIMARY KEY (node_id, slot)
);
COMMENT ON TABLE node_samples IS 'Readings of a node and its containers, one in fifteen seconds, in a ring of six hours: bounded by its key.';
COMMENT ON COLUMN node_samples.node_id IS 'The node.';
COMMENT ON COLUMN node_samples.slot IS 'Place in the ring: number of the fifteen seconds since 1970, modulo 1440.';
COMMENT ON COLUMN node_samples.at IS 'When it was read, by the node''s clock.';
COMMENT ON COLUMN node_samples.sample IS 'The reading as the agent sent it.';
