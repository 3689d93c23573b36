-- Expert panels (SCO-07): experts rate the same elements independently; spread and agreement are shown, outliers commented, the result signed.
CREATE TABLE panel (
    id            uuid             PRIMARY KEY,
    kind          text             NOT NULL CHECK (kind IN ('weights', 'standards', 'indicators')),
    question      text             NOT NULL,
    elements      text[]           NOT NULL CHECK (cardinality(elements) BETWEEN 1 AND 30),
    low           double precision NOT NULL CHECK (low >= 0),
    high          double precision NOT NULL,
    outlier_share double precision NOT NULL CHECK (outlier_share > 0 AND outlier_share <= 1),
    fewest        integer          NOT NULL CHECK (fewest BETWEEN 2 AND 100),
    invited       uuid[]           NOT NULL,            -- accounts; empty: whoever may read schemes
    state         text             NOT NULL CHECK (state IN ('open', 'closed', 'signed')),
    author        uuid             NOT NULL,
    author_name   text             NOT NULL,
    opened        timestamptz      NOT NULL,
    closed        timestamptz,
    signer        uuid,
    signer_name   text,
    signed        timestamptz,
    content       text,                                 -- the signed result, canonical JSON, byte for byte what the hash vouches for
    hash          text,
    CHECK (high > low),
    CHECK (signer IS NULL OR signer <> author)
);

-- What an expert said; never changed, only commented.
CREATE TABLE panel_rating (
    panel       uuid               NOT NULL REFERENCES panel,
    expert      uuid               NOT NULL,
    expert_name text               NOT NULL,
    given       timestamptz        NOT NULL,
    ratings     double precision[] NOT NULL,
    comments    text[]             NOT NULL,            -- one per element, empty when there is none
    PRIMARY KEY (panel, expert)
);
