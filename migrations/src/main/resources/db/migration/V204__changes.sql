CREATE TABLE changes (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind    text NOT NULL,
  thing   text NOT NULL,
  made_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  horizon xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot())
);
COMMENT ON TABLE changes IS 'The newest hints of changes, so that whoever lost the stream of them can be told what was missed. The leader deletes old ones.';
COMMENT ON COLUMN changes.seq IS 'Id of the event; never reused. Grows in the order of writing, which is not that of commits.';
COMMENT ON COLUMN changes.kind IS 'workload, allocation, node: what has changed.';
COMMENT ON COLUMN changes.thing IS 'Its id.';
COMMENT ON COLUMN changes.made_by IS 'The transaction that wrote it.';
COMMENT ON COLUMN changes.horizon IS 'Every transaction before this one had ended when it was written: only rows made by this one or later can have been committed after it.';
