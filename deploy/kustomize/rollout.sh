#!/bin/sh
# Brings a cluster to an overlay, in the order that matters: settings, servers, migrations to their end, then the services.
#
#   deploy/kustomize/rollout.sh deploy/kustomize/overlays/small
#
# Uses the current context of kubectl; the secrets of docs/operations.md must be there. May be run again at any time. When a migration fails it
# stops: the services of the former version go on, since migrations only add (they are expanded first and contracted a version later).
set -eu
overlay=${1:?names the overlay, for example deploy/kustomize/overlays/small}
namespace=servicequality
component=app.kubernetes.io/component

rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
kubectl kustomize "$overlay" >"$rendered"
apply() { kubectl apply -f "$rendered" -l "$component in ($1)"; }

apply settings
apply server
if grep -q '^kind: StatefulSet$' "$rendered"; then
  kubectl -n $namespace get statefulset -l $component=server -o name | while read -r server; do
    kubectl -n $namespace rollout status "$server" --timeout=15m
  done
fi

# A finished Job cannot be changed, so the last version's goes first.
kubectl -n $namespace delete job -l $component=migration --ignore-not-found --wait
apply migration
while :; do
  jobs=$(kubectl -n $namespace get job -l $component=migration -o 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.status=="True")].type}{"\n"}{end}')
  case $jobs in
    *Fail*) echo "A migration failed; nothing else was changed: $jobs" >&2; exit 1 ;;
  esac
  printf '%s\n' "$jobs" | grep -qv Complete || break
  sleep 2
done

apply 'service, backup'
kubectl -n $namespace get deployment -l $component=service -o name | while read -r deployment; do
  kubectl -n $namespace rollout status "$deployment" --timeout=15m
done
