ALTER TABLE allocations ADD COLUMN retry_at timestamptz(3);
COMMENT ON COLUMN allocations.retry_at IS 'When the next attempt is due, by the database''s clock; counts only while the status is backoff.';
