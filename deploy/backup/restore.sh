#!/bin/sh
# Restores a backup of backup.sh into empty databases, and proves that it is all there. Every service is stopped meanwhile.
#
#   PGHOST=… PGUSER=… ./restore.sh BACKUP [--overwrite]     restore
#   ./restore.sh BACKUP --check                             only check the files; no database is touched
#
# Before anything is touched the manifest and the checksum of every file are checked. Each service is restored in one transaction. Afterwards
# rows, digests, journal heads and audit heads are compared with the manifest, and the audit chains are checked record by record.
#
# Settings (environment): those of backup.sh that name databases (PG…, BACKUP_PASSWORD_FILE, BACKUP_DATABASE_<SERVICE>), and
#   RESTORE_KEY_FILE     secret OpenPGP key, for encrypted dumps
#   RESTORE_JOBS         tables restored at the same time; then not in one transaction. Default: one transaction
#   SQ                   path of the command line sq: checks the audit chains too
#   --overwrite          drops the schemas that are in the way. Without it a database that holds one is refused.
#
# Exit code 0: everything of the manifest is there. 1: refused or failed; the last line says why.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s restore: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
fail() { say "$*"; exit 1; }
database() { # of a service
  eval "printf '%s' \"\${BACKUP_DATABASE_$(printf %s "$1" | tr '[:lower:]' '[:upper:]'):-$1}\""
}
run_psql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

check_files() {
  [ -f "$backup/manifest" ] || fail "$backup is not a backup: it has no manifest"
  [ "$(head -1 "$backup/manifest")" = "servicequality-backup 1" ] || fail "the manifest is of another kind: $(head -1 "$backup/manifest")"
  [ "$(tail -1 "$backup/manifest")" = end ] || fail "the manifest is not complete: its last line is not 'end'"
  grep '^file ' "$backup/manifest" | while read -r _ file bytes sum; do
    [ -f "$backup/$file" ] || fail "$file is missing; nothing was restored"
    [ "$(wc -c <"$backup/$file")" -eq "$bytes" ] || fail "$file is damaged: it has $(wc -c <"$backup/$file") bytes, the manifest says $bytes; nothing was restored"
    [ "$(sha256sum "$backup/$file" | cut -d' ' -f1)" = "$sum" ] || fail "$file is damaged: its checksum is not that of the manifest; nothing was restored"
  done
}

# Nobody may be at work there, and nothing may be in the way.
check_target() { # SERVICE
  there=$(run_psql -d "$(database "$1")" -c "select count(*) from pg_stat_activity where datname = current_database() and application_name = '$1'") || fail "$1: the database $(database "$1") cannot be reached"
  [ "$there" -eq 0 ] || fail "$1: $there connections of the service are open; stop it first"
  exists=$(run_psql -d "$(database "$1")" -c "select count(*) from pg_namespace where nspname = '$1'")
  if [ "$exists" -ne 0 ]; then
    [ "$overwrite" = yes ] || fail "$1: the database $(database "$1") already holds a schema $1; say --overwrite to drop it"
  fi
}

read_dump() { # SERVICE
  if [ -f "$backup/$1.dump" ]; then cat "$backup/$1.dump"; return; fi
  gpg --batch --quiet --homedir "$scratch" --decrypt "$backup/$1.dump.gpg"
}

restore() { # SERVICE
  [ "$overwrite" != yes ] || run_psql -d "$(database "$1")" -c "set client_min_messages = warning; drop schema if exists $1 cascade" >/dev/null
  began=$(date +%s)
  if [ -n "${RESTORE_JOBS:-}" ]; then
    read_dump "$1" >"$scratch/dump"
    pg_restore -d "$(database "$1")" --no-owner --no-privileges --exit-on-error -j "$RESTORE_JOBS" "$scratch/dump" || fail "$1: pg_restore failed"
    rm "$scratch/dump"
  else
    read_dump "$1" | pg_restore -d "$(database "$1")" --no-owner --no-privileges --single-transaction || fail "$1: pg_restore failed; nothing of $1 was kept"
  fi
  say "$1: restored in $(($(date +%s) - began)) s"
}

check_content() { # SERVICE
  grep "^content $1 " "$backup/manifest" | cut -d' ' -f3- >"$scratch/expected"
  run_psql -v schema="$1" -d "$(database "$1")" -f "$here/content.sql" >"$scratch/found"
  if ! cmp -s "$scratch/expected" "$scratch/found"; then
    diff "$scratch/expected" "$scratch/found" | head -10 >&2 || true
    fail "$1: what was restored is not what the manifest says ('<' manifest, '>' database)"
  fi
  broken=$(run_psql -v schema="$1" -d "$(database "$1")" -f "$here/verify-audit.sql")
  [ -z "$broken" ] || fail "$1: the audit trail does not hold: $broken"
  head=$(grep "^content $1 audit " "$backup/manifest" | cut -d' ' -f6)
  if [ -n "${SQ:-}" ] && [ -n "$head" ] && [ "$head" != "$(printf '%064d' 0)" ]; then
    run_psql -d "$(database "$1")" -c "select line from $1.audit order by seq" | "$SQ" verify - --head "$head" >&2 || fail "$1: sq verify found the audit trail broken"
  fi
  say "$1: $(grep -c '^table ' "$scratch/found") tables, rows and digests as in the manifest; audit chain holds"
}

# Copies of the tree may be a moment older or newer than Organisation's: whatever it says next wins, and it is asked to say everything.
ask_for_the_tree() { # SERVICE
  run_psql -d "$(database "$1")" >/dev/null <<SQL
begin;
update $1.unit set version = 0;
insert into $1.outbox (type, body) values ('ServiceQuality.Contracts.Organisation.OrgUnitsRequested', '{"by":"$1"}');
commit;
SQL
}

backup=${1:?names the folder of a backup}
shift
overwrite=no check=no
for option in "$@"; do
  case $option in
    --overwrite) overwrite=yes ;;
    --check) check=yes ;;
    *) fail "unknown option $option" ;;
  esac
done

check_files
services=$(grep '^services ' "$backup/manifest" | cut -d' ' -f2-)
say "$(basename "$backup") of $(grep '^moment ' "$backup/manifest" | cut -d' ' -f2): every file is as the manifest says"
[ "$check" = no ] || exit 0

if [ -n "${BACKUP_PASSWORD_FILE:-}" ]; then PGPASSWORD=$(cat "$BACKUP_PASSWORD_FILE"); export PGPASSWORD; fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ls "$backup"/*.gpg >/dev/null 2>&1; then
  gpg --batch --quiet --homedir "$scratch" --import "${RESTORE_KEY_FILE:?names the secret key of the encrypted dumps}" || fail "the key of RESTORE_KEY_FILE cannot be read"
fi
for service in $services; do check_target "$service"; done
for service in $services; do restore "$service"; done
for service in $services; do check_content "$service"; done
for service in $services; do
  if [ "$service" = monitoring ] || [ "$service" = scores ]; then ask_for_the_tree "$service"; fi
done
say "done: start the services; then 'sq replay --all' compares every live score with its journal"
