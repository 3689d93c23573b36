-- Backups that are complete, as deploy/backup/backup.sh notes them, so that an installation knows how old its newest one is.
create table backup (
    moment timestamptz primary key,           -- what the backup holds: everything that was committed then
    name   text        not null,
    bytes  bigint      not null,
    noted  timestamptz not null default now()
);
