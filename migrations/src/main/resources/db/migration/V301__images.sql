CREATE TABLE image_blobs (
  digest     text PRIMARY KEY
             CONSTRAINT image_blobs_digest_form CHECK (digest ~ '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$'),
  media_type text NOT NULL,
  bytes      bigint NOT NULL CONSTRAINT image_blobs_bytes_positive CHECK (bytes >= 0),
  created_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE image_blobs IS 'Content of images kept by the control plane. A row is written only after the file is on disk, verified and synced.';
COMMENT ON COLUMN image_blobs.digest IS 'As the OCI image specification writes it; also the name of the file.';
COMMENT ON COLUMN image_blobs.media_type IS 'What the content is served as.';
COMMENT ON COLUMN image_blobs.bytes IS 'Length of the file.';
COMMENT ON COLUMN image_blobs.created_at IS 'When it was first stored.';

CREATE TABLE image_links (
  parent text NOT NULL REFERENCES image_blobs (digest) ON DELETE CASCADE,
  child  text NOT NULL REFERENCES image_blobs (digest),
  PRIMARY KEY (parent, child)
);
CREATE INDEX image_links_child ON image_links (child);
COMMENT ON TABLE image_links IS 'Which content an index or a manifest consists of; what nothing leads to is deleted.';
COMMENT ON COLUMN image_links.parent IS 'An index or a manifest.';
COMMENT ON COLUMN image_links.child IS 'A manifest, config or layer that it names.';

CREATE TABLE image_tags (
  repository text NOT NULL CONSTRAINT image_tags_local CHECK (repository LIKE 'flotilla/%'),
  tag        text NOT NULL,
  digest     text NOT NULL REFERENCES image_blobs (digest),
  bundled    boolean NOT NULL DEFAULT false,
  changed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (repository, tag)
);
CREATE INDEX image_tags_digest ON image_tags (digest);
COMMENT ON TABLE image_tags IS 'Names of images that live in the control plane and nowhere else.';
COMMENT ON COLUMN image_tags.repository IS 'With the leading flotilla/.';
COMMENT ON COLUMN image_tags.tag IS 'As in the OCI distribution specification.';
COMMENT ON COLUMN image_tags.digest IS 'The index or manifest that the name means now; workloads keep the digest that it meant when their revision was made.';
COMMENT ON COLUMN image_tags.bundled IS 'Comes with the control plane and is renewed by it at every start.';
COMMENT ON COLUMN image_tags.changed_at IS 'When the name was last given this digest.';

CREATE TABLE registry_logins (
  registry   text PRIMARY KEY CONSTRAINT registry_logins_registry_length CHECK (length(registry) BETWEEN 1 AND 255),
  username   text NOT NULL,
  secret     bytea NOT NULL,
  insecure   boolean NOT NULL DEFAULT false,
  changed_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE registry_logins IS 'As whom nodes and the control plane pull from a registry.';
COMMENT ON COLUMN registry_logins.registry IS 'Host with optional port, as in canonical image names.';
COMMENT ON COLUMN registry_logins.username IS 'Sent by HTTP basic authentication.';
COMMENT ON COLUMN registry_logins.secret IS 'Password or access token under AES-256-GCM: 12 bytes nonce, then ciphertext with tag; the registry''s name is authenticated with it. The key is a file of the control plane and not in the database.';
COMMENT ON COLUMN registry_logins.insecure IS 'Whether plain HTTP may be spoken with this registry.';
COMMENT ON COLUMN registry_logins.changed_at IS 'Last change.';
