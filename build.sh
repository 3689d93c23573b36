#!/usr/bin/env bash
# One entry for people and for CI. `./build.sh help` lists the verbs.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
configuration=${CONFIGURATION:-Release}
solution=ServiceQuality.sln

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

# Installs Debian packages for programs that are missing, or says what to install.
need() { # need PACKAGE TEST...
  local package=$1; shift
  "$@" >/dev/null 2>&1 && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    say "Installing $package …"
    [ -n "${apt_updated:-}" ] || { apt-get update -qq; apt_updated=1; }
    # The package's own service is not wanted: the suite starts servers of its own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; made_policy=1; fi
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package >/dev/null
    [ -z "${made_policy:-}" ] || { rm -f $policy; unset made_policy; }
  else
    say "Missing: $package. Install it first (Debian, Ubuntu: sudo apt-get install $package)."
    exit 1
  fi
}
has_postgres() { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }
has_rabbit() { test -x /usr/lib/rabbitmq/bin/rabbitmq-server; }
has_redis() { command -v redis-server; }
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_kubectl() { command -v kubectl; }
has_npm() { command -v npm; }
has_promtool() { command -v promtool; }

need_to_build() { need "nodejs npm" has_npm; }
need_postgres() { [ -n "${ConnectionStrings__postgres:-}" ] || need "postgresql" has_postgres; }
# The tests of the leaves, which only the configuration Cluster builds, start a Redis too.
need_redis() { [ "$configuration" != Cluster ] || need "redis-server" has_redis; }
need_rabbit() { [ -n "${ConnectionStrings__rabbitmq:-}" ] || need "rabbitmq-server" has_rabbit; }

build() { need_to_build; dotnet build $solution -c "$configuration" -v q --nologo; }

# Runs every test project, one after the other because several start whole suites of processes, then prints one closing line.
run_tests() {
  local log code=0
  log=$(mktemp)
  dotnet test --solution $solution -c "$configuration" --no-build --max-parallel-test-modules 1 "$@" 2>&1 | tee "$log" || code=$?
  count() { sed -nE "s/^ +$1: +([0-9]+).*/\1/p" "$log" | tail -1; }
  local passed failed skipped
  passed=$(count succeeded); failed=$(count failed); skipped=$(count skipped)
  rm -f "$log"
  # A crash, or a run without a test, must not look green.
  if [ "$code" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then failed=1; fi
  if [ "${passed:-0}" -eq 0 ] && [ "$code" -eq 0 ]; then failed=1; code=1; fi
  echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
  return "$code"
}

verb=${1:-help}
[ $# -gt 0 ] && shift

case $verb in
  run) # the whole suite in one process with its demo organisation: [--urls ADDRESS] [--data DIR]
    need_to_build; need_postgres
    # Folders named in arguments are meant from here, not from the folder of the project.
    exec dotnet run --project src/ServiceQuality.Standalone -c "$configuration" -p:RunWorkingDirectory="$PWD" -- --demo "$@" ;;
  suite) # the same as one process per service, on RabbitMQ and PostgreSQL: [--urls ADDRESS] [--data DIR]
    need_postgres; need_rabbit; build
    exec "artifacts/bin/ServiceQuality.Standalone/${configuration,,}/ServiceQuality.Standalone" --suite --demo "$@" ;;
  build) # compile everything
    build ;;
  install) # install the servers and tools that the tests use
    need_to_build; need_postgres; need_rabbit; need_redis; need "chromium" has_chromium; need "kubernetes-client" has_kubectl; need "fonts-noto-cjk" test -d /usr/share/fonts/opentype/noto; need "prometheus" has_promtool ;;
  test) # build and pass every test
    need_to_build; need_postgres; need_rabbit; need_redis; need "chromium" has_chromium; need "kubernetes-client" has_kubectl; need "fonts-noto-cjk" test -d /usr/share/fonts/opentype/noto; need "prometheus" has_promtool
    build
    run_tests "$@" ;;
  bench) # measure the figures of docs/benchmarks.md and write them there; --only sizing: docs/sizing.md
    need_postgres; need_rabbit; build
    exec "artifacts/bin/ServiceQuality.Benchmarks/${configuration,,}/ServiceQuality.Benchmarks" "$@" ;;
  chaos) # kill, cut and hang everything while facts flow: [KillTests] [LineTests] [QuorumTests]
    need_postgres; need_rabbit; build
    [ $# -gt 0 ] || set -- KillTests LineTests QuorumTests
    SQ_CHAOS=long SQ_CHAOS_FACTS=${SQ_CHAOS_FACTS:-200000} SQ_CHAOS_KILLS=${SQ_CHAOS_KILLS:-40} \
      exec "artifacts/bin/ServiceQuality.EndToEnd.Tests/${configuration,,}/ServiceQuality.EndToEnd.Tests" --filter-class "${@/#/ServiceQuality.EndToEnd.}" --explicit on --show-live-output on ;;
  sq) # the command line: ./build.sh sq import …
    exec dotnet run --project src/ServiceQuality.Cli -c "$configuration" -- "$@" ;;
  clean) # remove everything that was built
    rm -rf artifacts src/ServiceQuality.Console/node_modules src/ServiceQuality.Gateway/node_modules ;;
  help|-h|--help)
    sed -nE 's/^  ([a-z]+)\|?[^)]*\) # (.*)/\1\t\2/p' "$0" | while IFS=$'\t' read -r name text; do printf '  %-9s %s\n' "$name" "$text"; done ;;
  *)
    say "Unknown verb '$verb'. ./build.sh help lists the verbs."; exit 2 ;;
esac
