#!/bin/sh
# Backs up the databases of ServiceQuality while it runs. Needs a PostgreSQL client (psql, pg_dump) and a POSIX shell, nothing else.
#
#   PGHOST=… PGUSER=… BACKUP_DIR=/backups ./backup.sh
#
# Makes BACKUP_DIR/<time>/ with a dump of every service and a manifest: checksums, rows and a digest of every table, the heads of the journals
# and of the audit trails. Every dump is of one snapshot; the snapshots are all taken before the first dump begins, within a fraction of a
# second and in the order in which events flow, so that whoever receives an event is never older than whoever sent it.
#
# Settings (environment):
#   PGHOST PGPORT PGUSER PGSSLMODE …  as libpq reads them
#   BACKUP_PASSWORD_FILE      file with the password (or PGPASSFILE, as libpq reads it)
#   BACKUP_DIR                where backups go
#   BACKUP_SERVICES           default "gateway organisation monitoring scores"; senders of events before receivers
#   BACKUP_DATABASE_<SERVICE> database name or connection URI of a service, e.g. BACKUP_DATABASE_SCORES; default: the service's name.
#                             Services that share a database name the same one.
#   BACKUP_KEEP               so many backups stay, default 14
#   BACKUP_RECIPIENT_FILE     public OpenPGP key; dumps are then encrypted for it with gpg, and this machine cannot read them afterwards
#   BACKUP_RECORD             "no": do not note the success in monitoring.backup, from which servicequality_backup_age_seconds is told
#   SQ                        path of the command line sq (with SQ_URL and SQ_TOKEN of an auditor): notes the hash of every live ledger too
#
# Exit code 0: a complete backup is there. Otherwise nothing is left that looks like one.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
services=${BACKUP_SERVICES:-gateway organisation monitoring scores}

say() { printf '%s backup: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
fail() { say "$*"; exit 1; }
database() { # of a service
  eval "printf '%s' \"\${BACKUP_DATABASE_$(printf %s "$1" | tr '[:lower:]' '[:upper:]'):-$1}\""
}
run_psql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

# Holds a snapshot of the first service open while the rest is done; with nobody left, dumps them all.
hold() {
  if [ $# -eq 0 ]; then dump_all; return; fi
  service=$1; shift
  run_psql -d "$(database "$service")" >/dev/null <<SQL || fail "$service: the database cannot be read"
set idle_in_transaction_session_timeout = 0;
begin isolation level repeatable read read only;
select pg_export_snapshot() as snapshot \\gset
\\setenv SNAPSHOT_$service :snapshot
\\! sh "$here/backup.sh" --hold $* </dev/null || touch "$PART/failed"
commit;
SQL
}

dump_all() {
  date -u +%Y-%m-%dT%H:%M:%SZ >"$PART/moment"
  for service in $services; do
    eval "snapshot=\$SNAPSHOT_$service"
    dump "$service" "$snapshot"
  done
}

dump() { # SERVICE SNAPSHOT
  file=$PART/$1.dump
  # Left out: what Monitoring has seen lately must not outlive the journal that it speaks of, and saved ledgers are folded again from the journal.
  set -- "$1" "$2" -n "$1" --exclude-table-data=monitoring.seen --exclude-table-data=scores.snapshot
  service=$1 snapshot=$2; shift 2
  if [ -n "${BACKUP_RECIPIENT_FILE:-}" ]; then
    file=$file.gpg
    mkfifo "$PART/pipe"
    gpg --batch --quiet --yes --homedir "$PART/gpg" --trust-model always --recipient-file "$BACKUP_RECIPIENT_FILE" --output "$file" --encrypt <"$PART/pipe" &
    gpg=$!
    pg_dump -d "$(database "$service")" --snapshot="$snapshot" -Fc "$@" >"$PART/pipe" || fail "$service: pg_dump failed"
    wait $gpg || fail "$service: gpg failed"
    rm "$PART/pipe"
  else
    pg_dump -d "$(database "$service")" --snapshot="$snapshot" -Fc -f "$file" "$@" || fail "$service: pg_dump failed"
  fi
  {
    printf "begin isolation level repeatable read read only;\nset transaction snapshot '%s';\n" "$snapshot"
    cat "$here/content.sql"
  } | run_psql -v schema="$service" -d "$(database "$service")" >"$PART/$service.content" || fail "$service: its content cannot be listed"
  [ -s "$PART/$service.content" ] || fail "$service: there is no schema $service in the database $(database "$service"); was --migrate run?"
  say "$service: $(wc -c <"$file") bytes"
}

write_manifest() {
  cd "$PART"
  {
    echo "servicequality-backup 1"
    echo "moment $(cat moment)"
    echo "services $services"
    for file in *.dump *.dump.gpg replay.json; do
      [ ! -f "$file" ] || echo "file $file $(wc -c <"$file") $(sha256sum "$file" | cut -d' ' -f1)"
    done
    for service in $services; do sed "s/^/content $service /" "$service.content"; done
    echo "end"
  } >manifest
  rm -f -- *.content moment
  cd - >/dev/null
}

prune() {
  # shellcheck disable=SC2012 # The names are times, so that their order is their age.
  ls -1d "$BACKUP_DIR"/[0-9]*Z | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" | while read -r old; do
    say "removing $(basename "$old")"
    rm -rf -- "$old"
  done
}

record() {
  [ "${BACKUP_RECORD:-yes}" != no ] || return 0
  run_psql -d "$(database monitoring)" -c "insert into monitoring.backup (moment, name, bytes) values ('$1', '$2', $3)" >/dev/null ||
    say "the success could not be noted in monitoring.backup: servicequality_backup_age_seconds goes on rising"
}

if [ "${1:-}" = --hold ]; then shift; hold "$@"; exit; fi

: "${BACKUP_DIR:?names the folder that backups go to}"
if [ -n "${BACKUP_PASSWORD_FILE:-}" ]; then PGPASSWORD=$(cat "$BACKUP_PASSWORD_FILE"); export PGPASSWORD; fi
[ -z "${BACKUP_RECIPIENT_FILE:-}" ] || command -v gpg >/dev/null || fail "BACKUP_RECIPIENT_FILE is set, but there is no gpg"
name=$(date -u +%Y%m%dT%H%M%SZ)
PART=$BACKUP_DIR/.$name.part
export PART
mkdir -p "$PART"
trap 'rm -rf "$PART"' EXIT
[ -z "${BACKUP_RECIPIENT_FILE:-}" ] || mkdir -m 700 "$PART/gpg"

# Positions noted before the snapshots are all inside them.
if [ -n "${SQ:-}" ]; then "$SQ" replay --all --json >"$PART/replay.json" || fail "sq replay failed: the live ledgers and their journals do not agree, or the suite is away"; fi
# shellcheck disable=SC2086 # A list of words.
hold $services
[ ! -e "$PART/failed" ] || exit 1
moment=$(cat "$PART/moment")
write_manifest
rm -rf "$PART/gpg"
mv "$PART" "$BACKUP_DIR/$name"
bytes=$(cat "$BACKUP_DIR/$name"/* | wc -c)
record "$moment" "$name" "$bytes"
prune
say "done: $BACKUP_DIR/$name, $bytes bytes"
