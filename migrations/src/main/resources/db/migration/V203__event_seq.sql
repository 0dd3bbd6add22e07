ALTER TABLE nodes ADD COLUMN event_seq bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN nodes.event_seq IS 'Every event of the node up to this number is stored, so that it may forget them; only grows.';
