COMMENT ON TABLE registry_logins IS 'As whom nodes and the control plane pull from a registry. Members may name only the registries that stand here, and the default one.';
COMMENT ON COLUMN registry_logins.username IS 'Sent by HTTP basic authentication; empty if the registry is asked without a login.';
