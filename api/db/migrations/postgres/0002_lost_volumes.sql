-- Since when the data of a volume must be on its runner's machine: a release that mounts it was live
-- there. NULL when it was never used, or when a person gave the data up.
ALTER TABLE volume ADD COLUMN expected_since BIGINT;
-- When its runner found that it is not there.
ALTER TABLE volume ADD COLUMN lost_at BIGINT;

UPDATE volume SET expected_since = (
    SELECT MIN(p.at)
    FROM release r
    JOIN release_phase p ON p.release_id = r.release_id AND p.phase = 'live'
    CROSS JOIN LATERAL jsonb_array_elements(r.spec -> 'volumes') m
    WHERE (m ->> 'volume_id')::uuid = volume.volume_id
);
