-- Checks the chain of a schema's audit trail and names the first record that does not hold; no line when all do.
-- The same check as `sq verify`: number, own hash, hash of the record before, and the head.
-- psql -v schema=NAME -f verify-audit.sql
\set QUIET on
\pset format unaligned
\pset tuples_only on
select format($$
    with chain as (
        select seq, hash, line, line::json ->> 'previous' as previous,
               row_number() over (order by seq) as expected, lag(hash, 1, repeat('0', 64)) over (order by seq) as before
        from %1$I.audit),
    broken as (
        select seq, case
            when seq <> expected then 'is not in its place'
            when hash <> encode(sha256(convert_to(replace(line, '"hash":"' || hash || '",', ''), 'UTF8')), 'hex') then 'does not have the content that its hash vouches for'
            when previous <> before then 'does not refer to the record before it'
        end as reason
        from chain),
    ended as (
        select h.seq, 'is the head, but not the last record' as reason
        from %1$I.audit_head h left join (select seq, hash from %1$I.audit order by seq desc limit 1) last on true
        where h.seq <> coalesce(last.seq, 0) or h.hash <> coalesce(last.hash, repeat('0', 64)))
    select 'record ' || seq || ' of %1$s ' || reason from (
        select seq, reason from broken where reason is not null union all select seq, reason from ended) as found order by seq limit 1
    $$, schemaname)
from pg_tables where schemaname = :'schema' and tablename = 'audit' \gexec
