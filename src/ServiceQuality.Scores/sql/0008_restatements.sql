-- What a restatement takes along: the documents above (and below) the unit as they would be, confirmed with its own in one transaction (scoring.md §11).
CREATE TABLE restatement_part (
    restatement  uuid    NOT NULL REFERENCES restatement,
    unit         uuid    NOT NULL,
    number       integer NOT NULL CHECK (number > 0),
    former       numeric,
    official     numeric,
    former_grade text,
    grade        text,
    content      text    NOT NULL,
    hash         text    NOT NULL,
    PRIMARY KEY (restatement, unit)
);
-- How many parts there are; null when it was proposed before restatements went up the tree.
ALTER TABLE restatement ADD COLUMN parts integer;

-- What every journal gave when its period was closed, so that one branch can be restated without folding the journals of all others again.
-- All of it can be thrown away: the journals are the truth.
CREATE TABLE closing_reading (
    closing   uuid        NOT NULL REFERENCES closing,
    unit      uuid        NOT NULL,
    seq       bigint      NOT NULL,
    moment    timestamptz NOT NULL,
    catalogue text        NOT NULL,
    content   bytea       NOT NULL,
    PRIMARY KEY (closing, unit, seq, moment)
);

-- Costliest facts that a document names per indicator (scoring.md §5), decided when the period is closed; null for none.
ALTER TABLE closing ADD COLUMN facts_per_leaf integer;
