ALTER TABLE registry_logins
  ADD COLUMN authorities text,
  ADD COLUMN mirrors text[] NOT NULL DEFAULT '{}';
COMMENT ON TABLE registry_logins IS 'How nodes and the control plane reach a registry, and as whom. Members may name only the registries that stand here, and the default one.';
COMMENT ON COLUMN registry_logins.authorities IS 'Certificates in PEM of authorities that may vouch for this registry, beside those that every Java knows; null for none.';
COMMENT ON COLUMN registry_logins.mirrors IS 'Host with optional port and path of servers that are asked before this one, in order. The login at a mirror is the row of its host.';
