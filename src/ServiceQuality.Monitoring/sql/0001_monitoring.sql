-- The tree as Organisation last described it (ORG-01). Every change takes the next number of the one row of unit_tree, so that numbers
-- become visible in their order and other instances can ask for what is new.
create table unit_tree (
    one     boolean primary key default true check (one),
    version bigint not null
);
insert into unit_tree (version) values (0);

create table unit (
    id               uuid primary key,
    version          bigint not null,
    code             text not null,
    name_zh          text not null,
    name_en          text not null,
    kind             text not null,
    contact_point    text,
    parent           uuid,
    path             text not null,
    time_zone        text not null,
    customers_served bigint not null,
    state            text not null,
    changed          timestamptz not null,
    tree             bigint not null
);
create index unit_newer on unit (tree);

-- Facts that were accepted lately (MON-05). Advisory: written after the fact is durable, without waiting for the disk; the journal has
-- the last word. A fact that is missing here is sent again and dropped there.
create table seen (
    key     uuid primary key,                 -- first 128 bits of SHA-256(source, NUL, id); the pair is unique in the organisation
    payload bigint not null,                  -- tells whether the same pair came with other content
    at      timestamptz not null
);
create index seen_at on seen using brin (at);

-- How intake is doing: items by minute, unit and outcome; lag of accepted facts by minute.
create table intake_minute (
    minute timestamptz not null,
    unit   uuid not null,                     -- zero: no unit could be made out
    code   text not null,                     -- accepted, duplicate or the code of the refusal
    items  bigint not null,
    primary key (minute, unit, code)
);
create table lag_minute (
    minute timestamptz not null,
    bucket integer not null,
    facts  bigint not null,
    primary key (minute, bucket)
);

-- The newest fact of every feed of every unit (MON-47): a feed is a fact type, a survey kind or a measure.
create table feed (
    unit     uuid not null,
    feed     text not null,
    newest   timestamptz not null,
    received timestamptz not null,
    primary key (unit, feed)
);
