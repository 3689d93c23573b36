-- What an expanding migration of a later release may do to the busiest table: add a column, and a table beside it.
alter table journal add column remark text;
create table journal_remark (branch integer not null, seq bigint not null, remark text not null, primary key (branch, seq));
