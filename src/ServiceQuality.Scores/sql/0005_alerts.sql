-- Alerts of the live score (SCO-31, XR-51).
CREATE TABLE alert (
    id         uuid             PRIMARY KEY,             -- UUIDv7: in the order of time
    unit       uuid             NOT NULL,
    kind       text             NOT NULL CHECK (kind IN ('grade-band-crossed', 'score-drop')),
    period     text             NOT NULL,
    at         timestamptz      NOT NULL,
    score      double precision NOT NULL,
    change     double precision,                         -- in 24 hours; null when there was no score a day ago
    from_grade text,
    to_grade   text,
    is_fall    boolean          NOT NULL,
    scheme     text             NOT NULL,
    causes     jsonb            NOT NULL
);
CREATE INDEX alert_unit ON alert (unit, id);

-- What was told last of each unit, so that an occurrence is told once, whichever process sees it and however often it restarts.
CREATE TABLE alert_state (
    unit    uuid        PRIMARY KEY,
    version bigint      NOT NULL,                        -- compare-and-set
    grade   text        NOT NULL,
    crossed timestamptz NOT NULL,                        -- when a crossing was told last
    falling boolean     NOT NULL
);
