#!/bin/sh
# Draws what deploy/compose.yaml needs to be secret: into deploy/.env, and the first administrator's password into deploy/.secrets. Does nothing when
# the first is there.
set -eu
cd "$(dirname "$0")"
[ ! -e .env ] || { echo "deploy/.env is there already" >&2; exit 0; }
umask 077
key=$(openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt)
public=$(printf '%s\n' "$key" | openssl pkey -pubout)
while IFS= read -r line; do
  case $line in
    *_PASSWORD=) printf '%s%s\n' "$line" "$(openssl rand -hex 24)" ;;
    TICKETS_SIGNING_KEY=) printf '%s"%s"\n' "$line" "$key" ;;
    TICKETS_VERIFICATION_KEYS=) printf '%s"%s"\n' "$line" "$public" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <.env.example >.env.part
# The folder keeps others out; the file itself is read by the service's user in the container.
mkdir -p .secrets
openssl rand -base64 18 >.secrets/admin-password
chmod 0444 .secrets/admin-password
mv .env.part .env
echo "deploy/.env is made; the first administrator's password is in deploy/.secrets/admin-password" >&2
