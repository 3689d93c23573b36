-- The organisation that this installation serves: at most one, founded once.
create table foundation (
    one boolean primary key default true check (one),
    template text not null,
    founded_at timestamptz not null
);

-- The tree (ORG-01). Paths are compared byte by byte, so that a subtree is a range of the index.
create table unit (
    id uuid primary key,
    code text not null,
    code_key text not null,
    kind text not null,
    name_zh text not null,
    name_en text not null,
    contact_point text,
    functions text[] not null,
    parent_id uuid references unit,
    path text collate "C" not null,
    own_time_zone text,
    time_zone text not null,
    calendar jsonb,
    customers_served bigint not null check (customers_served >= 0),
    state text not null check (state in ('planned', 'active', 'suspended', 'closed')),
    version bigint not null,
    changed_at timestamptz not null
);
create unique index unit_path on unit (path);
create unique index unit_code on unit (code_key);
create unique index unit_root on unit ((true)) where parent_id is null;
create index unit_parent on unit (parent_id);

create table account (
    id uuid primary key,
    user_name text not null,
    normalized_user_name text not null,
    name text not null,
    unit_id uuid not null references unit,
    disabled boolean not null,
    created_at timestamptz not null,
    password_hash text,
    security_stamp text not null,
    concurrency_stamp text,
    lockout_enabled boolean not null,
    lockout_end timestamptz,
    access_failed_count integer not null
);
create unique index account_name on account (normalized_user_name);
create index account_unit on account (unit_id);

-- Role × subtree × time (ORG-09). Grants are revoked, never deleted: who could do what when must stay known.
create table role_grant (
    id uuid primary key,
    account_id uuid not null references account,
    role text not null,
    unit_id uuid not null references unit,
    valid_from timestamptz not null,
    valid_to timestamptz,
    granted_by text not null,
    granted_at timestamptz not null,
    revoked_at timestamptz
);
create index role_grant_account on role_grant (account_id);

create table api_key (
    id uuid primary key,
    name text not null,
    unit_id uuid not null references unit,
    hash bytea not null,
    former_hash bytea,
    former_until timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    rotated_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
create index api_key_unit on api_key (unit_id);

-- Answers to requests that carried an Idempotency-Key, for a day. The answer is encrypted with a key that only the client's header yields,
-- because some answers hold a secret that is shown once.
create table answered_request (
    key bytea primary key,
    request_hash bytea not null,
    status integer not null,
    location text,
    etag text,
    answer bytea not null,
    answered_at timestamptz not null
);
create index answered_request_age on answered_request (answered_at);
