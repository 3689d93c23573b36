-- The journal (scoring.md §1): append-only, one gapless sequence per branch, each fact once.
CREATE TABLE branch (
    id        integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit      uuid        NOT NULL UNIQUE,
    head      bigint      NOT NULL DEFAULT 0,           -- seq of the newest row; moved by compare-and-set only
    received  timestamptz NOT NULL DEFAULT '-infinity'  -- received of the newest row; never falls, so that "received up to T" is a prefix
) WITH (fillfactor = 50);                               -- room for updates in place: one row is written with every commit

CREATE TABLE journal (
    branch    integer     NOT NULL,
    seq       bigint      NOT NULL,
    key       uuid        NOT NULL,                     -- first 128 bits of SHA-256(source, NUL, id)
    time      timestamptz NOT NULL,
    received  timestamptz NOT NULL,
    batch     uuid        NOT NULL,
    type      text        NOT NULL,
    source    text        NOT NULL,
    id        text        NOT NULL,
    data      bytea       NOT NULL,                     -- JSON as it was sent, byte for byte
    CONSTRAINT journal_seq PRIMARY KEY (branch, seq),
    CONSTRAINT journal_key UNIQUE (branch, key)
);

-- The way back from a journal row to the POST that brought it (PLT-07).
CREATE TABLE batch (
    id          uuid        PRIMARY KEY,
    key         uuid,
    traceparent text,
    received    timestamptz NOT NULL
);

CREATE TABLE snapshot (
    branch    integer     NOT NULL,
    catalogue text        NOT NULL,                     -- what the state was folded with: measures, time zone, layout
    seq       bigint      NOT NULL,
    received  timestamptz NOT NULL,
    taken     timestamptz NOT NULL,
    state     bytea       NOT NULL,
    PRIMARY KEY (branch, catalogue, seq)
);
ALTER TABLE snapshot ALTER COLUMN state SET STORAGE EXTERNAL;  -- packed already; do not spend time on it again

-- The tree as Organisation last described it (ORG-01).
CREATE TABLE unit (
    unit             uuid        PRIMARY KEY,
    version          bigint      NOT NULL,
    code             text        NOT NULL,
    name_zh          text        NOT NULL,
    name_en          text        NOT NULL,
    kind             text        NOT NULL,
    contact_point    text,
    parent           uuid,
    path             text        NOT NULL,
    time_zone        text        NOT NULL,
    customers_served bigint      NOT NULL,
    state            text        NOT NULL,
    changed          timestamptz NOT NULL
);

-- Scheme versions (SCO-02): content never changes; two people stand behind each (author and approver).
CREATE TABLE scheme (
    id             text        NOT NULL,
    version        integer     NOT NULL,
    content        text        NOT NULL,                -- JSON as it was written, character for character
    effective_from date        NOT NULL,
    author         uuid        NOT NULL,
    author_name    text        NOT NULL,
    written        timestamptz NOT NULL,
    approver       uuid,
    approver_name  text,
    approved       timestamptz,
    PRIMARY KEY (id, version),
    CHECK (approver IS NULL OR approver <> author)
);

-- Scores as they were published; what was shown at the time, whatever is learned later.
CREATE TABLE score_history (
    unit     uuid             NOT NULL,
    period   text             NOT NULL,
    at       timestamptz      NOT NULL,
    score    double precision,
    low      double precision,
    high     double precision,
    grade    text,
    coverage double precision NOT NULL,
    scheme   text             NOT NULL,
    seq      bigint           NOT NULL,
    PRIMARY KEY (unit, period, at)
);
