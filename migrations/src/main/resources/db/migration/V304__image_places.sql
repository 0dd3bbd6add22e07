CREATE TABLE image_places (
  registry   text NOT NULL,
  repository text NOT NULL,
  digest     text NOT NULL,
  PRIMARY KEY (registry, digest, repository)
);
COMMENT ON TABLE image_places IS 'Where content has been pushed to, so that a registry can take it from one of its repositories into another. A row may be wrong: the registry then asks for the content.';
COMMENT ON COLUMN image_places.registry IS 'Host with optional port, as in canonical image names.';
COMMENT ON COLUMN image_places.repository IS 'Without the host.';
COMMENT ON COLUMN image_places.digest IS 'Of a layer or config.';
