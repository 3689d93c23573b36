-- What a schema holds, one fact a line: written beside a dump from the same snapshot, and again after a restore, where it must come out the same.
-- psql -v schema=NAME -f content.sql
\set QUIET on
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set timezone = 'UTC';
set bytea_output = 'hex';
set extra_float_digits = 1;

-- Every table: its rows, and a sum over the hashes of the rows. Left out is what a dump leaves out.
select format('select %L, %L, count(*), coalesce(sum((''x'' || left(md5(t::text), 15))::bit(60)::bigint), 0) from %I.%I t',
              'table', schemaname || '.' || tablename, schemaname, tablename)
from pg_tables
where schemaname = :'schema' and (schemaname, tablename) not in (('monitoring', 'seen'), ('scores', 'snapshot'))
order by tablename collate "C" \gexec

-- The head of the audit trail.
select format('select %L, %L, seq, hash from %I.audit_head', 'audit', schemaname, schemaname)
from pg_tables where schemaname = :'schema' and tablename = 'audit_head' \gexec

-- The head of every journal.
select format('select %L, unit, head from %I.branch order by unit', 'journal', schemaname)
from pg_tables where schemaname = :'schema' and tablename = 'branch' \gexec
