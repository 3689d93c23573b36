-- The deduction ledger (SCO-18, SCO-19): every case with the people who proposed, decided and judged it. Bonuses stand in it likewise.
CREATE TABLE deduction (
    id             uuid        PRIMARY KEY,
    unit           uuid        NOT NULL,
    rule           text        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('deduction', 'bonus')),
    points         numeric     NOT NULL CHECK (points > 0),
    case_ref       text        NOT NULL,                -- the order, report or investigation behind it
    happened       timestamptz NOT NULL,                -- decides in which period it counts
    reason         text        NOT NULL,
    evidence       text        NOT NULL,
    state          text        NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected', 'appealed', 'upheld', 'reversed')),
    proposer       uuid,                                -- null when a service proposed it
    proposer_name  text        NOT NULL,
    proposed       timestamptz NOT NULL,
    decider        uuid,
    decider_name   text,
    decided        timestamptz,
    decision       text,
    appellant      uuid,
    appellant_name text,
    appealed       timestamptz,
    appeal         text,
    judge          uuid,
    judge_name     text,
    judged         timestamptz,
    judgement      text,
    CHECK (decider IS NULL OR decider IS DISTINCT FROM proposer),
    CHECK (judge IS NULL OR (judge <> appellant AND judge <> decider AND judge IS DISTINCT FROM proposer))
);
-- One case counts once per rule (SCO-19); what was rejected may be proposed again with better evidence.
CREATE UNIQUE INDEX deduction_once ON deduction (unit, rule, lower(case_ref)) WHERE state <> 'rejected';
CREATE INDEX deduction_unit ON deduction (unit, happened);

-- A period that is being closed, or was, for a unit and everything under it (scoring.md §11, SCO-13, SCO-24).
CREATE TABLE closing (
    id             uuid        PRIMARY KEY,
    unit           uuid        NOT NULL,
    period         text        NOT NULL,
    state          text        NOT NULL CHECK (state IN ('computing', 'draft', 'checked', 'published', 'frozen', 'discarded')),
    moment         timestamptz NOT NULL,                -- as of then: no earlier than the newest fact of any pinned journal
    scheme         text        NOT NULL,
    units          integer     NOT NULL,
    done           integer     NOT NULL DEFAULT 0,
    attempts       integer     NOT NULL DEFAULT 0,
    failure        text,
    closer         uuid        NOT NULL,
    closer_name    text        NOT NULL,
    started        timestamptz NOT NULL,
    computed       timestamptz,
    findings       text,                                -- what the newest check found, JSON
    checked        timestamptz,
    publisher      uuid,
    publisher_name text,
    published      timestamptz,
    comment        text,
    appeals_until  timestamptz,
    frozen         timestamptz,
    CHECK (publisher IS NULL OR publisher <> closer)
);
CREATE UNIQUE INDEX closing_once ON closing (unit, period) WHERE state <> 'discarded';
CREATE INDEX closing_open ON closing (state) WHERE state IN ('computing', 'published');

-- Where every journal stood when the period was closed: whoever recomputes starts here.
CREATE TABLE closing_unit (
    closing   uuid    NOT NULL REFERENCES closing,
    unit      uuid    NOT NULL,
    parent    uuid,
    code      text    NOT NULL,
    name_zh   text    NOT NULL,
    name_en   text    NOT NULL,
    path      text    NOT NULL,
    time_zone text    NOT NULL,
    active    boolean NOT NULL,
    branch    integer,                                  -- null without a journal
    seq       bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (closing, unit)
);

-- Official results: documents that nobody changes. Number 0 is the result, 1, 2, 3 … its restatements.
CREATE TABLE result (
    closing     uuid             NOT NULL REFERENCES closing,
    unit        uuid             NOT NULL,
    number      integer          NOT NULL CHECK (number >= 0),
    period      text             NOT NULL,
    parent      uuid,
    official    numeric,
    score       double precision,
    grade       text,
    coverage    double precision NOT NULL,
    place       integer,
    places      integer,
    moment      timestamptz      NOT NULL,
    content     text             NOT NULL,              -- canonical JSON, byte for byte what the hash vouches for
    hash        text             NOT NULL,
    former      text,                                   -- hash of the document that it restates
    author_name text             NOT NULL,
    written     timestamptz      NOT NULL,
    PRIMARY KEY (closing, unit, number)
);
CREATE INDEX result_unit ON result (unit, period);
CREATE FUNCTION refuse_result_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'official results never change; they are restated';
END $$;
CREATE TRIGGER result_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON result FOR EACH STATEMENT EXECUTE FUNCTION refuse_result_change();

-- Appeals of units against their results (SCO-24); one at a time.
CREATE TABLE appeal (
    id         uuid        PRIMARY KEY,
    closing    uuid        NOT NULL REFERENCES closing,
    unit       uuid        NOT NULL,
    number     integer     NOT NULL,                    -- the document appealed against
    state      text        NOT NULL CHECK (state IN ('filed', 'accepted', 'rejected')),
    reason     text        NOT NULL,
    evidence   text        NOT NULL,
    filer      uuid        NOT NULL,
    filer_name text        NOT NULL,
    filed      timestamptz NOT NULL,
    judge      uuid,
    judge_name text,
    judged     timestamptz,
    judgement  text,
    CHECK (judge IS NULL OR judge <> filer)
);
CREATE UNIQUE INDEX appeal_once ON appeal (closing, unit) WHERE state = 'filed';
CREATE INDEX appeal_state ON appeal (state, filed);

-- Restatements on their way: the document as it would be, waiting for a second person.
CREATE TABLE restatement (
    id            uuid        PRIMARY KEY,
    closing       uuid        NOT NULL REFERENCES closing,
    unit          uuid        NOT NULL,
    number        integer     NOT NULL CHECK (number > 0),
    state         text        NOT NULL CHECK (state IN ('proposed', 'confirmed', 'declined')),
    appeal        uuid        REFERENCES appeal,
    reason        text        NOT NULL,
    content       text        NOT NULL,
    hash          text        NOT NULL,
    official      numeric,
    proposer      uuid        NOT NULL,
    proposer_name text        NOT NULL,
    proposed      timestamptz NOT NULL,
    decider       uuid,
    decider_name  text,
    decided       timestamptz,
    CHECK (decider IS NULL OR decider <> proposer)
);
CREATE UNIQUE INDEX restatement_once ON restatement (closing, unit) WHERE state = 'proposed';
