-- Keys that protect cookies and tokens; shared by all replicas.
create table key_ring (
    id      bigint generated always as identity primary key,
    name    text not null,
    xml     text not null,
    created timestamptz not null default now()
);

-- One row per sign-in; a refresh raises the generation, so that a refresh token is good once.
create table session (
    id         uuid primary key,
    account    uuid not null,
    generation integer not null default 0,
    started    timestamptz not null,
    renewed    timestamptz not null,
    expires    timestamptz not null,
    ended      timestamptz
);
create index session_expires on session (expires);
