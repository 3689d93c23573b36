-- Messages that were committed with a change and wait to be published, in the order of their ids.
create table outbox (
    id          bigint generated always as identity primary key,
    message_id  uuid not null default gen_random_uuid(),
    type        text not null,
    body        text not null,
    traceparent text,
    created     timestamptz not null default now(),
    attempts    integer not null default 0,
    failure     text
);
create index outbox_waiting on outbox (id) where failure is null;

-- Messages that took effect here, so that a redelivery has none.
create table inbox (
    message_id uuid not null,
    consumer   text not null,
    at         timestamptz not null default now(),
    primary key (message_id, consumer)
);
create index inbox_at on inbox (at);

-- The audit trail: canonical JSON lines chained by hashes. Nobody updates or deletes.
create table audit (
    seq       bigint primary key,
    at        timestamptz not null,
    who       text not null,
    action    text not null,
    subject   text not null,
    unit_path text,
    line      text not null,
    hash      text not null
);
create index audit_subject on audit (subject, seq);
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end $$;
create trigger audit_append_only before update or delete or truncate on audit for each statement execute function refuse_change();

create table audit_head (
    one  boolean primary key default true check (one),
    seq  bigint not null,
    hash text not null
);
insert into audit_head (seq, hash) values (0, repeat('0', 64));
