CREATE TABLE workloads (
  id               uuid PRIMARY KEY,
  team_id          uuid NOT NULL CONSTRAINT workloads_team REFERENCES teams (id),
  name             text NOT NULL
                   CONSTRAINT workloads_name_form CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  kind             text NOT NULL CONSTRAINT workloads_kind_known CHECK (kind IN ('service', 'job')),
  wanted           text NOT NULL CONSTRAINT workloads_wanted_known CHECK (wanted IN ('running', 'stopped', 'deleted')),
  replicas         integer NOT NULL CONSTRAINT workloads_replicas_range CHECK (replicas BETWEEN 0 AND 1000),
  revision         integer NOT NULL CONSTRAINT workloads_revision_positive CHECK (revision > 0),
  run              integer NOT NULL DEFAULT 1 CONSTRAINT workloads_run_positive CHECK (run > 0),
  reserves         boolean NOT NULL,
  created_at       timestamptz(3) NOT NULL,
  created_by       text NOT NULL,
  changed_at       timestamptz(3) NOT NULL,
  CONSTRAINT workloads_reserves_only_running CHECK (wanted = 'running' OR NOT reserves)
);
CREATE UNIQUE INDEX workloads_name_unique ON workloads (team_id, name) WHERE wanted <> 'deleted';
CREATE INDEX workloads_by_team ON workloads (team_id);
COMMENT ON TABLE workloads IS 'Desired state of one kind of container. A deleted one stays until its nodes have reported its allocations removed.';
COMMENT ON COLUMN workloads.id IS 'UUIDv7; never reused.';
COMMENT ON COLUMN workloads.team_id IS 'The team that owns it; never changes.';
COMMENT ON COLUMN workloads.name IS 'Unique in the team among those not deleted; never changes.';
COMMENT ON COLUMN workloads.kind IS 'service keeps its replicas running; job runs each to completion.';
COMMENT ON COLUMN workloads.wanted IS 'running, stopped (its spec is kept) or deleted (never left again).';
COMMENT ON COLUMN workloads.replicas IS 'How many shall run while running is wanted.';
COMMENT ON COLUMN workloads.revision IS 'Number of the current revision.';
COMMENT ON COLUMN workloads.run IS 'Grows when a person starts or restarts it: replicas that ended by themselves in an earlier run may run again.';
COMMENT ON COLUMN workloads.reserves IS 'Whether its replicas count in the team''s reservations: while running is wanted, for a job until every replica has ended.';
COMMENT ON COLUMN workloads.created_at IS 'When it was made.';
COMMENT ON COLUMN workloads.created_by IS 'Name of who made it.';
COMMENT ON COLUMN workloads.changed_at IS 'Last change by a person.';

CREATE TABLE revisions (
  workload_id   uuid NOT NULL CONSTRAINT revisions_workload REFERENCES workloads (id) ON DELETE CASCADE,
  number        integer NOT NULL CONSTRAINT revisions_number_positive CHECK (number > 0),
  spec          jsonb NOT NULL,
  cpu_millis    bigint NOT NULL CONSTRAINT revisions_cpu_positive CHECK (cpu_millis > 0),
  memory_bytes  bigint NOT NULL CONSTRAINT revisions_memory_positive CHECK (memory_bytes > 0),
  ports         integer NOT NULL CONSTRAINT revisions_ports_positive CHECK (ports >= 0),
  created_at    timestamptz(3) NOT NULL,
  created_by    text NOT NULL,
  PRIMARY KEY (workload_id, number)
);
COMMENT ON TABLE revisions IS 'Immutable specs of workloads; rows are never updated.';
COMMENT ON COLUMN revisions.workload_id IS 'The workload.';
COMMENT ON COLUMN revisions.number IS 'From 1, without gaps within the workload.';
COMMENT ON COLUMN revisions.spec IS 'The whole spec, with the digest that the image''s name was resolved to when the revision was made.';
COMMENT ON COLUMN revisions.cpu_millis IS 'Reserved for each replica, in thousandths of a core; as in the spec.';
COMMENT ON COLUMN revisions.memory_bytes IS 'Reserved for each replica; as in the spec.';
COMMENT ON COLUMN revisions.ports IS 'Published ports of each replica; as in the spec.';
COMMENT ON COLUMN revisions.created_at IS 'When it was made.';
COMMENT ON COLUMN revisions.created_by IS 'Name of who made it.';

CREATE TABLE allocations (
  id              uuid PRIMARY KEY,
  workload_id     uuid NOT NULL,
  revision        integer NOT NULL,
  run             integer NOT NULL,
  replica         integer NOT NULL CONSTRAINT allocations_replica_positive CHECK (replica > 0),
  node_id         uuid CONSTRAINT allocations_node REFERENCES nodes (id),
  node_order      text NOT NULL CONSTRAINT allocations_order_known CHECK (node_order IN ('run', 'stop', 'remove')),
  restarts        integer NOT NULL DEFAULT 0,
  status          text NOT NULL CONSTRAINT allocations_status_known CHECK (status IN ('pending', 'placed', 'pulling',
                  'starting', 'running', 'backoff', 'stopping', 'completed', 'stopped', 'failed', 'lost')),
  attempt         integer NOT NULL DEFAULT 0,
  exit_code       integer,
  exit_unknown    boolean NOT NULL DEFAULT false,
  oom_killed      boolean NOT NULL DEFAULT false,
  reason          text,
  ports           jsonb NOT NULL DEFAULT '[]',
  address         text,
  verdicts        jsonb NOT NULL DEFAULT '[]',
  seq             bigint NOT NULL DEFAULT 0,
  ended           boolean NOT NULL DEFAULT false,
  removed         boolean NOT NULL DEFAULT false,
  cpu_millis      bigint NOT NULL,
  memory_bytes    bigint NOT NULL,
  created_at      timestamptz(3) NOT NULL,
  status_at       timestamptz(3) NOT NULL,
  running_at      timestamptz(3),
  ended_at        timestamptz(3),
  CONSTRAINT allocations_revision FOREIGN KEY (workload_id, revision) REFERENCES revisions (workload_id, number) ON DELETE CASCADE,
  CONSTRAINT allocations_pending_has_no_node CHECK ((status = 'pending') <= (node_id IS NULL)),
  CONSTRAINT allocations_exit CHECK (exit_code IS NULL OR NOT exit_unknown),
  CONSTRAINT allocations_removed_has_ended CHECK (ended OR NOT removed)
);
CREATE INDEX allocations_by_workload ON allocations (workload_id, id);
CREATE INDEX allocations_by_node ON allocations (node_id) WHERE NOT removed;
COMMENT ON TABLE allocations IS 'One replica of one revision on one node. A row goes when its node has reported that all it left is removed.';
COMMENT ON COLUMN allocations.id IS 'UUIDv7; never reused; the container''s id is this, a hyphen and the attempt.';
COMMENT ON COLUMN allocations.workload_id IS 'The workload; never changes.';
COMMENT ON COLUMN allocations.revision IS 'The revision that it runs; never changes.';
COMMENT ON COLUMN allocations.run IS 'The workload''s run in which it was made; never changes.';
COMMENT ON COLUMN allocations.replica IS 'Which replica of the workload it is, from 1; a successor has the same number.';
COMMENT ON COLUMN allocations.node_id IS 'Null while pending; set once.';
COMMENT ON COLUMN allocations.node_order IS 'What the NodeSpec says: run, stop or remove; only ever moves to the right.';
COMMENT ON COLUMN allocations.restarts IS 'How often a person asked for a restart; only grows.';
COMMENT ON COLUMN allocations.status IS 'Observed; the last four are final and never left.';
COMMENT ON COLUMN allocations.attempt IS 'The newest attempt that the node has reported, from 1; 0 before.';
COMMENT ON COLUMN allocations.exit_code IS 'Of the newest attempt that ended; null until then and null with exit_unknown.';
COMMENT ON COLUMN allocations.exit_unknown IS 'The attempt has ended and nobody knows how.';
COMMENT ON COLUMN allocations.oom_killed IS 'The kernel ended the attempt for want of memory.';
COMMENT ON COLUMN allocations.reason IS 'One sentence: why it is where it is; null when there is nothing to explain.';
COMMENT ON COLUMN allocations.ports IS 'Published ports as the node reported them, with their host port.';
COMMENT ON COLUMN allocations.address IS 'The container''s address on its node''s bridge; null while it has none.';
COMMENT ON COLUMN allocations.verdicts IS 'What the scheduler thought of every candidate node when it last decided.';
COMMENT ON COLUMN allocations.seq IS 'Highest event of the node that was applied; an event with a lower one changes nothing.';
COMMENT ON COLUMN allocations.ended IS 'Nothing of it runs: reported by its node, or it never had one, or its node was confirmed dead. Until then it holds its reservation, even when lost.';
COMMENT ON COLUMN allocations.removed IS 'The node has removed all that it left and is no longer told of it.';
COMMENT ON COLUMN allocations.cpu_millis IS 'What it reserves on its node; from the revision.';
COMMENT ON COLUMN allocations.memory_bytes IS 'What it reserves on its node; from the revision.';
COMMENT ON COLUMN allocations.created_at IS 'When it was made.';
COMMENT ON COLUMN allocations.status_at IS 'Since when it has its status.';
COMMENT ON COLUMN allocations.running_at IS 'When it was first reported running; null before.';
COMMENT ON COLUMN allocations.ended_at IS 'When it was first known to have ended; null before.';

CREATE TABLE allocation_ports (
  node_id       uuid NOT NULL CONSTRAINT allocation_ports_node REFERENCES nodes (id) ON DELETE CASCADE,
  port          integer NOT NULL CONSTRAINT allocation_ports_range CHECK (port BETWEEN 1 AND 65535),
  protocol      text NOT NULL CONSTRAINT allocation_ports_protocol_known CHECK (protocol IN ('tcp', 'udp')),
  allocation_id uuid NOT NULL CONSTRAINT allocation_ports_allocation REFERENCES allocations (id) ON DELETE CASCADE,
  PRIMARY KEY (node_id, port, protocol)
);
CREATE INDEX allocation_ports_by_allocation ON allocation_ports (allocation_id);
COMMENT ON TABLE allocation_ports IS 'Fixed host ports in use; the key lets one allocation hold a port of a node at a time.';
COMMENT ON COLUMN allocation_ports.node_id IS 'The node.';
COMMENT ON COLUMN allocation_ports.port IS 'The node''s port.';
COMMENT ON COLUMN allocation_ports.protocol IS 'tcp or udp.';
COMMENT ON COLUMN allocation_ports.allocation_id IS 'The holder, until it has ended.';

-- A node's reservations and generation follow its allocations inside the same transaction, so that no code path can
-- forget them; the CHECKs on the node's row then refuse what does not fit.
CREATE FUNCTION allocations_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  cpu bigint := 0;
  memory bigint := 0;
  told boolean := false;
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.node_id IS NOT NULL THEN
    IF NOT OLD.ended THEN
      cpu := cpu - OLD.cpu_millis;
      memory := memory - OLD.memory_bytes;
    END IF;
    told := TG_OP = 'DELETE' AND NOT OLD.removed;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.node_id IS NOT NULL AND OLD.node_id IS DISTINCT FROM NEW.node_id THEN
    RAISE EXCEPTION 'allocation % cannot change its node', OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.node_id IS NOT NULL THEN
    IF NOT NEW.ended THEN
      cpu := cpu + NEW.cpu_millis;
      memory := memory + NEW.memory_bytes;
    END IF;
    IF TG_OP = 'INSERT' THEN
      told := NOT NEW.removed;
    ELSE
      told := OLD.node_id IS NULL OR (OLD.node_order, OLD.restarts, OLD.removed) IS DISTINCT FROM (NEW.node_order, NEW.restarts, NEW.removed);
    END IF;
  END IF;
  IF cpu <> 0 OR memory <> 0 OR told THEN
    UPDATE nodes SET reserved_cpu_millis = reserved_cpu_millis + cpu, reserved_memory_bytes = reserved_memory_bytes + memory,
      generation = generation + told::integer
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.node_id ELSE NEW.node_id END;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.ended AND NOT OLD.ended THEN
    DELETE FROM allocation_ports WHERE allocation_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION allocations_follow() IS 'Keeps a node''s reservations, generation and fixed ports in step with its allocations.';
CREATE TRIGGER allocations_follow AFTER INSERT OR UPDATE OR DELETE ON allocations
  FOR EACH ROW EXECUTE FUNCTION allocations_follow();

CREATE TABLE allocation_events (
  node_id       uuid NOT NULL CONSTRAINT allocation_events_node REFERENCES nodes (id) ON DELETE CASCADE,
  seq           bigint NOT NULL CONSTRAINT allocation_events_seq_positive CHECK (seq > 0),
  allocation_id uuid NOT NULL CONSTRAINT allocation_events_allocation REFERENCES allocations (id) ON DELETE CASCADE,
  at            timestamptz(3) NOT NULL,
  attempt       integer NOT NULL,
  status        text NOT NULL,
  exit_code     integer,
  exit_unknown  boolean NOT NULL,
  oom_killed    boolean NOT NULL,
  reason        text,
  PRIMARY KEY (node_id, seq)
);
CREATE INDEX allocation_events_by_allocation ON allocation_events (allocation_id, seq);
COMMENT ON TABLE allocation_events IS 'What nodes reported of allocations; the key makes every event count once, however often it is sent.';
COMMENT ON COLUMN allocation_events.node_id IS 'The node that reported it.';
COMMENT ON COLUMN allocation_events.seq IS 'The node''s number for it.';
COMMENT ON COLUMN allocation_events.allocation_id IS 'The allocation.';
COMMENT ON COLUMN allocation_events.at IS 'When it happened, by the node''s clock.';
COMMENT ON COLUMN allocation_events.attempt IS 'The attempt it belongs to.';
COMMENT ON COLUMN allocation_events.status IS 'The status it led to.';
COMMENT ON COLUMN allocation_events.exit_code IS 'How the attempt ended; null while it runs and null with exit_unknown.';
COMMENT ON COLUMN allocation_events.exit_unknown IS 'The attempt has ended and nobody knows how.';
COMMENT ON COLUMN allocation_events.oom_killed IS 'The kernel ended the attempt for want of memory.';
COMMENT ON COLUMN allocation_events.reason IS 'One sentence; null when there is nothing to explain.';
