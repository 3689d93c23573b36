-- Versions of the sub-dimension library (SCO-10) after the delivered one, which is version 1. What was written never changes; a period takes the version in force at its end.
CREATE TABLE sub_dimension_library (
    version        integer     PRIMARY KEY CHECK (version > 1),
    effective_from date        NOT NULL,
    content        text        NOT NULL,                -- JSON of the sub-dimensions
    reason         text        NOT NULL,
    author         uuid        NOT NULL,
    author_name    text        NOT NULL,
    written        timestamptz NOT NULL
);
