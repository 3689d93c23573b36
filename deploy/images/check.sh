#!/bin/bash
# Builds the image of a service and runs it as a cluster does: not as root, on a read-only root, without privileges; then asks its probes.
#
#   deploy/images/check.sh [SERVICE]        default gateway; as root, for mounts and chroot
#
# SDK, BASE   images as for build.sh. Without them both are made from this machine: a Debian root file system (debootstrap), the .NET that
#             `dotnet` belongs to, and its Node.js. Nothing of that goes into the repository.
# WORK        folder for images and bases, kept when given: the next run is faster. Default: a new one, removed at the end
# ConnectionStrings__postgres, ConnectionStrings__rabbitmq   are handed on. With a database the image also migrates it; with both it must become
#             ready
#
# Runs the image with podman where that works, else in namespaces of its own with the same restrictions. Ends with 0 when all holds, 1 when not,
# 77 when it cannot be tried here.
set -euo pipefail
cd "$(dirname "$0")/../.."
service=${1:-gateway}
port=${PORT:-18080}
skip() { echo "skipped: $*" >&2; exit 77; }
fail() { echo "failed: $*" >&2; [ ! -s "${log:-}" ] || tail -5 "$log" | cut -c1-1000 >&2; exit 1; }
ok() { echo "ok: $*"; }

[ "$(id -u)" = 0 ] || skip "not root"
for program in buildah curl openssl perl setpriv unshare; do command -v $program >/dev/null || skip "$program is not installed (Debian: apt-get install buildah)"; done
[ -n "${SDK:-}" ] && [ -n "${BASE:-}" ] || command -v debootstrap >/dev/null || skip "neither SDK and BASE are named nor is debootstrap installed"

if [ -n "${WORK:-}" ]; then mkdir -p "$WORK"; else WORK=$(mktemp -d); temporary=1; fi
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
storage=(--root "$WORK/store" --runroot "$WORK/run")
log=$WORK/service.log
pid='' container='' podman=''
cleanup() {
  [ -z "$podman" ] || podman "${storage[@]}" rm -f "$podman" >/dev/null 2>&1 || true
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
  [ -z "$container" ] || buildah "${storage[@]}" rm "$container" >/dev/null 2>&1 || true
  [ -z "${temporary:-}" ] || rm -rf "$WORK"
}
trap cleanup EXIT

# An image from a folder.
pack() { # NAME FOLDER
  tar -C "$2" -c . -f "$WORK/context.tar"
  printf 'FROM scratch\nADD context.tar /\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n' >"$WORK/Containerfile"
  buildah "${storage[@]}" bud -q -t "$1" -f "$WORK/Containerfile" "$WORK" >/dev/null
  rm "$WORK/context.tar"
}
make_bases() {
  local dotnet folder
  dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
  folder=$WORK/base
  rm -rf "$folder"
  debootstrap --variant=minbase --include=ca-certificates,libicu72,libssl3,libstdc++6,tzdata,zlib1g bookworm "$folder" >"$WORK/debootstrap.log" 2>&1 ||
    skip "debootstrap could not fetch Debian: $(tail -1 "$WORK/debootstrap.log")"
  rm -rf "$folder/var/cache/apt" "$folder/var/lib/apt/lists"
  mkdir -p "$folder/usr/share/dotnet"
  cp -a "$dotnet"/{dotnet,host,shared} "$folder/usr/share/dotnet/"
  ln -s ../share/dotnet/dotnet "$folder/usr/bin/dotnet"
  pack check/base:1 "$folder"
  cp -a "$dotnet/." "$folder/usr/share/dotnet/"
  cp -L "$(command -v node)" "$folder/usr/bin/node"
  mkdir -p "$folder/usr/lib/node_modules"
  cp -aL "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$folder/usr/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/usr/bin/npm"
  # The certificates that this machine trusts, so that packages can be fetched wherever it can fetch them.
  cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/ca-certificates.crt"
  pack check/sdk:1 "$folder"
  rm -rf "$folder"
}
if [ -z "${SDK:-}" ] || [ -z "${BASE:-}" ]; then
  buildah "${storage[@]}" inspect --type image check/sdk:1 >/dev/null 2>&1 || make_bases
  SDK=localhost/check/sdk:1 BASE=localhost/check/base:1
fi

SDK=$SDK BASE=$BASE TOOL=buildah TOOL_ARGS="${storage[*]} --layers" deploy/images/build.sh "$service" >"$WORK/build.log" 2>&1 || { log=$WORK/build.log; fail "the build"; }
version=$(sed -nE 's:.*<Version>(.*)</Version>.*:\1:p' Directory.Build.props)
image=localhost/servicequality/$service:$version
ok "built $image"

field() { buildah "${storage[@]}" inspect --type image --format "{{$1}}" "$image"; }
[ "$(field .OCIv1.Config.User)" = 10001:10001 ] || fail "the user is $(field .OCIv1.Config.User)"
[ "$(field .OCIv1.Config.Entrypoint)" = '[/app/service]' ] || fail "the entry point is $(field .OCIv1.Config.Entrypoint)"
[ "$(field '(index .OCIv1.Config.Labels "org.opencontainers.image.version")')" = "$version" ] || fail "the label of the version"
ok "numeric user, entry point without a shell, labels"

# What every service needs to start; addresses at which nothing answers where none are given.
key=$(openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt)
environment=(
  "ASPNETCORE_URLS=http://+:$port" "Tickets__VerificationKeys=$(printf '%s\n' "$key" | openssl pkey -pubout)"
  "ConnectionStrings__postgres=${ConnectionStrings__postgres:-Host=127.0.0.1;Port=9;Username=nobody;Timeout=1}"
  "ConnectionStrings__rabbitmq=${ConnectionStrings__rabbitmq:-amqp://nobody:nothing@127.0.0.1:9}"
)
[ "$service" != gateway ] || environment+=("Tickets__SigningKey=$key")
for other in organisation monitoring scores console; do environment+=("services__${other}__http__0=http://127.0.0.1:9"); done

# The image's own file system, seen read-only by a process that can gain nothing; only /tmp can be written to.
container=$(buildah "${storage[@]}" from "$image")
root=$(buildah "${storage[@]}" mount "$container")
# Replaces the shell that calls it.
confined() {
  exec env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false "${environment[@]}" \
    unshare --mount --propagation private setpriv --no-new-privs sh -c '
      root=$1; shift
      mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" &&
        mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp" && mount -o remount,bind,ro "$root" &&
        exec perl -e '\''my $root = shift; chroot $root or die; chdir "/app" or die; $) = "10001 10001"; $( = 10001; $< = $> = 10001; $> == 10001 or die; exec @ARGV or die'\'' "$root" "$@"
    ' confined "$root" "$@"
}
start() {
  local pass=() each
  for each in "${environment[@]}"; do pass+=(-e "$each"); done
  if podman=$(podman "${storage[@]}" run -d --network host --read-only --tmpfs /tmp:size=64m --cap-drop all --security-opt no-new-privileges "${pass[@]}" "$image" 2>"$WORK/podman.log"); then
    how="podman run --read-only --cap-drop all"
    pid=$(podman "${storage[@]}" inspect --format '{{.State.Pid}}' "$podman")
  else
    podman=''
    how="namespaces and chroot, because podman says: $(tail -1 "$WORK/podman.log")"
    confined /app/service >"$log" 2>&1 &
    pid=$!
  fi
}

if [ -n "${ConnectionStrings__postgres:-}" ]; then
  (confined /app/service --migrate) >"$log" 2>&1 || fail "--migrate"
  ok "--migrate on the database that was named"
else
  (confined /app/service --migrate) >"$log" 2>&1 && [ "$service" != console ] && fail "--migrate says that it is done, without a database"
fi
# Without its servers a service lives and is not ready; the console has none.
ready=503
if [ "$service" = console ] || { [ -n "${ConnectionStrings__postgres:-}" ] && [ -n "${ConnectionStrings__rabbitmq:-}" ]; }; then ready=200; fi

start
status() { curl -s -o "$WORK/answer" -w '%{http_code}' --max-time 10 "http://127.0.0.1:$port$1" || true; }
for _ in $(seq 100); do [ "$(status /startupz)" = 200 ] && break; kill -0 "$pid" 2>/dev/null || fail "it ended"; sleep 0.3; done
[ "$(status /startupz)" = 200 ] || fail "/startupz is $(status /startupz)"
[ "$(status /livez)" = 200 ] || fail "/livez is $(status /livez)"
for _ in $(seq 50); do [ "$(status /readyz)" = $ready ] && break; sleep 0.3; done
[ "$(status /readyz)" = $ready ] || fail "/readyz is $(status /readyz), not $ready: $(cat "$WORK/answer")"
ok "/startupz 200, /livez 200, /readyz $ready: $(cut -c1-200 "$WORK/answer")"
[ "$(status /metrics)" = 200 ] || fail "/metrics is $(status /metrics)"

of() { sed -nE "s/^$1:\s+(\S+).*/\1/p" "/proc/$pid/status"; }
[ "$(of Uid)" = 10001 ] && [ "$(of Gid)" = 10001 ] && [ "$(of CapEff)" = 0000000000000000 ] && [ "$(of NoNewPrivs)" = 1 ] || fail "it runs as $(of Uid):$(of Gid) with capabilities $(of CapEff)"
grep -qE '^\S+ \S+ \S+ \S+ / ro[, ]' "/proc/$pid/mountinfo" || fail "its root can be written to"
ok "user 10001, no capabilities, no new privileges, root read-only, $(($(of VmRSS) / 1024)) MiB at rest ($how)"

(confined /app/service --probe) >/dev/null 2>&1 && probed=200 || probed=503
[ $probed = $ready ] || fail "--probe says $probed"
ok "--probe agrees"

kill -TERM "$pid"
for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.3; done
kill -0 "$pid" 2>/dev/null && fail "it does not end on SIGTERM"
if [ -n "$podman" ]; then code=$(podman "${storage[@]}" wait "$podman"); else wait "$pid" && code=0 || code=$?; fi
pid=''
[ "$code" = 0 ] || fail "it ended with $code"
ok "ended with 0 on SIGTERM"
echo "$service: the image holds"
