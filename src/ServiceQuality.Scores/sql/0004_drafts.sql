-- Drafts of scheme versions (SCO-34): replaced by their author until somebody else decides; what was decided never changes.
ALTER TABLE scheme
    ADD COLUMN revision      integer NOT NULL DEFAULT 1,   -- rises with every change of the row: others see that there is something to read
    ADD COLUMN ended_as      text CHECK (ended_as IN ('withdrawn', 'rejected')),
    ADD COLUMN ended         timestamptz,
    ADD COLUMN ended_by      uuid,
    ADD COLUMN ended_by_name text,
    ADD COLUMN ended_reason  text,
    ADD CHECK (approved IS NULL OR ended IS NULL),
    ADD CHECK ((ended IS NULL) = (ended_as IS NULL)),
    ADD CHECK (ended_as IS DISTINCT FROM 'rejected' OR ended_by <> author);

-- What a draft would have done in a past period; of the content that the draft has now.
CREATE TABLE scheme_try_out (
    id           uuid        PRIMARY KEY,
    scheme       text        NOT NULL,
    version      integer     NOT NULL,
    period       text        NOT NULL,
    made         timestamptz NOT NULL,
    made_by      uuid        NOT NULL,
    made_by_name text        NOT NULL,
    result       text        NOT NULL,                     -- JSON
    UNIQUE (scheme, version, period),
    FOREIGN KEY (scheme, version) REFERENCES scheme (id, version)
);
