-- ${app} is the login of the running control plane; this script runs as the owner of the tables. What later scripts
-- create is open to ${app} for reading and writing; the audit log takes that back for itself.
GRANT USAGE ON SCHEMA ${flyway:defaultSchema} TO ${app};
ALTER DEFAULT PRIVILEGES IN SCHEMA ${flyway:defaultSchema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
ALTER DEFAULT PRIVILEGES IN SCHEMA ${flyway:defaultSchema} GRANT USAGE, SELECT ON SEQUENCES TO ${app};

CREATE TABLE teams (
  id                    uuid PRIMARY KEY,
  name                  text NOT NULL CONSTRAINT teams_name_unique UNIQUE
                        CONSTRAINT teams_name_form CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  created_at            timestamptz(3) NOT NULL,
  quota_cpu_millis      bigint CONSTRAINT teams_quota_cpu_positive CHECK (quota_cpu_millis >= 0),
  quota_memory_bytes    bigint CONSTRAINT teams_quota_memory_positive CHECK (quota_memory_bytes >= 0),
  quota_replicas        bigint CONSTRAINT teams_quota_replicas_positive CHECK (quota_replicas >= 0),
  quota_ports           bigint CONSTRAINT teams_quota_ports_positive CHECK (quota_ports >= 0),
  reserved_cpu_millis   bigint NOT NULL DEFAULT 0 CONSTRAINT teams_reserved_cpu_positive CHECK (reserved_cpu_millis >= 0),
  reserved_memory_bytes bigint NOT NULL DEFAULT 0 CONSTRAINT teams_reserved_memory_positive CHECK (reserved_memory_bytes >= 0),
  reserved_replicas     bigint NOT NULL DEFAULT 0 CONSTRAINT teams_reserved_replicas_positive CHECK (reserved_replicas >= 0),
  reserved_ports        bigint NOT NULL DEFAULT 0 CONSTRAINT teams_reserved_ports_positive CHECK (reserved_ports >= 0),
  CONSTRAINT teams_quota_cpu CHECK (quota_cpu_millis IS NULL OR reserved_cpu_millis <= quota_cpu_millis),
  CONSTRAINT teams_quota_memory CHECK (quota_memory_bytes IS NULL OR reserved_memory_bytes <= quota_memory_bytes),
  CONSTRAINT teams_quota_replicas CHECK (quota_replicas IS NULL OR reserved_replicas <= quota_replicas),
  CONSTRAINT teams_quota_ports CHECK (quota_ports IS NULL OR reserved_ports <= quota_ports)
);
COMMENT ON TABLE teams IS 'Owners of workloads. The row is locked first in every mutation that reserves or frees what its quota counts.';
COMMENT ON COLUMN teams.id IS 'UUIDv7; never reused.';
COMMENT ON COLUMN teams.name IS 'Unique; a name of the contract''s form. Team "default" exists from the first start.';
COMMENT ON COLUMN teams.created_at IS 'When the team was made.';
COMMENT ON COLUMN teams.quota_cpu_millis IS 'Upper bound of reserved_cpu_millis in thousandths of a core; null is without bound.';
COMMENT ON COLUMN teams.quota_memory_bytes IS 'Upper bound of reserved_memory_bytes; null is without bound.';
COMMENT ON COLUMN teams.quota_replicas IS 'Upper bound of reserved_replicas; null is without bound.';
COMMENT ON COLUMN teams.quota_ports IS 'Upper bound of reserved_ports; null is without bound.';
COMMENT ON COLUMN teams.reserved_cpu_millis IS 'Sum over the team''s desired replicas, in thousandths of a core; never above the quota.';
COMMENT ON COLUMN teams.reserved_memory_bytes IS 'Sum over the team''s desired replicas; never above the quota.';
COMMENT ON COLUMN teams.reserved_replicas IS 'Desired replicas of all the team''s workloads; never above the quota.';
COMMENT ON COLUMN teams.reserved_ports IS 'Published ports times replicas over all the team''s workloads; never above the quota.';

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  name          text NOT NULL CONSTRAINT users_name_unique UNIQUE
                CONSTRAINT users_name_form CHECK (name ~ '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'),
  display_name  text NOT NULL CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 100),
  role          text NOT NULL CONSTRAINT users_role_known CHECK (role IN ('admin', 'operator', 'member', 'auditor')),
  password_hash text NOT NULL,
  created_at    timestamptz(3) NOT NULL,
  disabled_at   timestamptz(3),
  last_login_at timestamptz(3)
);
COMMENT ON TABLE users IS 'People who sign in. Rows are disabled rather than deleted while the audit log or tokens speak of them.';
COMMENT ON COLUMN users.id IS 'UUIDv7; never reused.';
COMMENT ON COLUMN users.name IS 'What the user signs in with; lower case, unique.';
COMMENT ON COLUMN users.display_name IS 'What others see.';
COMMENT ON COLUMN users.role IS 'What the user is to the whole installation; membership in teams is kept in team_members.';
COMMENT ON COLUMN users.password_hash IS 'Argon2id in its encoded form with salt and parameters; never leaves the identity package.';
COMMENT ON COLUMN users.created_at IS 'When the user was made.';
COMMENT ON COLUMN users.disabled_at IS 'Since when signing in, sessions and tokens of this user are refused; null while enabled. One enabled admin always remains.';
COMMENT ON COLUMN users.last_login_at IS 'When the password was last accepted; null before the first time.';

CREATE TABLE team_members (
  team_id  uuid NOT NULL CONSTRAINT team_members_team REFERENCES teams (id) ON DELETE CASCADE,
  user_id  uuid NOT NULL CONSTRAINT team_members_user REFERENCES users (id) ON DELETE CASCADE,
  added_at timestamptz(3) NOT NULL,
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);
COMMENT ON TABLE team_members IS 'Which users belong to which teams; a member may change the team''s workloads unless their role is auditor.';
COMMENT ON COLUMN team_members.team_id IS 'The team.';
COMMENT ON COLUMN team_members.user_id IS 'The member.';
COMMENT ON COLUMN team_members.added_at IS 'Since when.';

CREATE TABLE browser_sessions (
  id           uuid PRIMARY KEY,
  token_hash   bytea NOT NULL CONSTRAINT browser_sessions_token_unique UNIQUE
               CONSTRAINT browser_sessions_token_length CHECK (octet_length(token_hash) = 32),
  user_id      uuid NOT NULL CONSTRAINT browser_sessions_user REFERENCES users (id) ON DELETE CASCADE,
  created_at   timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  expires_at   timestamptz(3) NOT NULL,
  source       text NOT NULL,
  user_agent   text NOT NULL
);
CREATE INDEX browser_sessions_by_user ON browser_sessions (user_id);
COMMENT ON TABLE browser_sessions IS 'Signed-in browsers; deleting the row signs the browser out at once.';
COMMENT ON COLUMN browser_sessions.id IS 'UUIDv7, harmless to show.';
COMMENT ON COLUMN browser_sessions.token_hash IS 'SHA-256 of the cookie''s 256 random bits; the cookie itself is not kept.';
COMMENT ON COLUMN browser_sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN browser_sessions.created_at IS 'When the password was accepted.';
COMMENT ON COLUMN browser_sessions.last_seen_at IS 'Last request, to the minute.';
COMMENT ON COLUMN browser_sessions.expires_at IS 'From then on the cookie is refused.';
COMMENT ON COLUMN browser_sessions.source IS 'Address that signed in.';
COMMENT ON COLUMN browser_sessions.user_agent IS 'What the browser called itself, cut to 200 characters.';

CREATE TABLE api_tokens (
  id           uuid PRIMARY KEY,
  name         text NOT NULL CONSTRAINT api_tokens_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
  token_hash   bytea NOT NULL CONSTRAINT api_tokens_token_unique UNIQUE
               CONSTRAINT api_tokens_token_length CHECK (octet_length(token_hash) = 32),
  hint         text NOT NULL,
  user_id      uuid CONSTRAINT api_tokens_user REFERENCES users (id) ON DELETE CASCADE,
  scope        text NOT NULL CONSTRAINT api_tokens_scope_known CHECK (scope IN ('read', 'write', 'admin')),
  team_id      uuid CONSTRAINT api_tokens_team REFERENCES teams (id) ON DELETE CASCADE,
  created_at   timestamptz(3) NOT NULL,
  expires_at   timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at   timestamptz(3),
  CONSTRAINT api_tokens_ownerless_admin CHECK (user_id IS NOT NULL OR scope = 'admin')
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);
COMMENT ON TABLE api_tokens IS 'Bearer tokens for programs. A token never allows more than its owner may at the time of use.';
COMMENT ON COLUMN api_tokens.id IS 'UUIDv7, harmless to show.';
COMMENT ON COLUMN api_tokens.name IS 'What it is for, chosen by its owner.';
COMMENT ON COLUMN api_tokens.token_hash IS 'SHA-256 of the token, which has 256 random bits; the token itself is shown once and not kept.';
COMMENT ON COLUMN api_tokens.hint IS 'The token''s first characters, to recognise it by.';
COMMENT ON COLUMN api_tokens.user_id IS 'Its owner; null for tokens that local root made, which have the admin scope.';
COMMENT ON COLUMN api_tokens.scope IS 'read: only look; write: also change workloads and nodes; admin: everything its owner may.';
COMMENT ON COLUMN api_tokens.team_id IS 'The only team it works in; null for all of its owner''s.';
COMMENT ON COLUMN api_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN api_tokens.expires_at IS 'From then on it is refused; null never.';
COMMENT ON COLUMN api_tokens.last_used_at IS 'Last accepted use, to the minute; null before the first.';
COMMENT ON COLUMN api_tokens.revoked_at IS 'From then on it is refused; null while it is good.';

CREATE TABLE login_failures (
  subject       text PRIMARY KEY,
  failures      integer NOT NULL CONSTRAINT login_failures_positive CHECK (failures > 0),
  last_at       timestamptz(3) NOT NULL,
  blocked_until timestamptz(3) NOT NULL
);
COMMENT ON TABLE login_failures IS 'Slows down guessing: one row per user name tried and one per address, until the password is right or the memory fades.';
COMMENT ON COLUMN login_failures.subject IS 'user: and the name as typed, or address: and the source.';
COMMENT ON COLUMN login_failures.failures IS 'Wrong tries in a row.';
COMMENT ON COLUMN login_failures.last_at IS 'When the last one was.';
COMMENT ON COLUMN login_failures.blocked_until IS 'Until then further tries are refused without looking at the password.';

CREATE TABLE setup (
  singleton    boolean PRIMARY KEY DEFAULT true CONSTRAINT setup_one_row CHECK (singleton),
  token_hash   bytea CONSTRAINT setup_token_length CHECK (octet_length(token_hash) = 32),
  created_at   timestamptz(3) NOT NULL,
  completed_at timestamptz(3),
  CONSTRAINT setup_token_until_completed CHECK ((completed_at IS NULL) = (token_hash IS NOT NULL))
);
COMMENT ON TABLE setup IS 'The first administrator is made once, by whoever holds the setup link.';
COMMENT ON COLUMN setup.singleton IS 'There is one row.';
COMMENT ON COLUMN setup.token_hash IS 'SHA-256 of the token in the link; null once it was used.';
COMMENT ON COLUMN setup.created_at IS 'First start.';
COMMENT ON COLUMN setup.completed_at IS 'When the first administrator was made; set once, never cleared.';

CREATE TABLE installation (
  singleton   boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_one_row CHECK (singleton),
  masking_key bytea NOT NULL CONSTRAINT installation_masking_key_length CHECK (octet_length(masking_key) = 32)
);
COMMENT ON TABLE installation IS 'What is made once for this database and shared by every replica of the control plane.';
COMMENT ON COLUMN installation.singleton IS 'There is one row.';
COMMENT ON COLUMN installation.masking_key IS 'Key of the HMAC that stands for environment values in the audit log; never leaves the control plane, never changes.';
INSERT INTO installation (masking_key)
  VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
REVOKE ALL ON installation FROM ${app};
GRANT SELECT ON installation TO ${app};
