#!/bin/sh
# Builds the images servicequality/SERVICE:VERSION.
#
#   SDK=… BASE=… deploy/images/build.sh [SERVICE…]      without a service: all of them
#
# SDK and BASE as told in Containerfile. TOOL is buildah (default), podman or docker; TOOL_ARGS are handed to it.
set -eu
cd "$(dirname "$0")/../.."
: "${SDK:?names the image with the .NET 10 SDK}" "${BASE:?names the image with the ASP.NET Core 10 runtime}"
tool=${TOOL:-buildah}
version=$(sed -nE 's:.*<Version>(.*)</Version>.*:\1:p' Directory.Build.props)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

project() {
  case $1 in
  gateway) echo ServiceQuality.Gateway ;;
  organisation) echo ServiceQuality.Organisation ;;
  monitoring) echo ServiceQuality.Monitoring ;;
  scores) echo ServiceQuality.Scores.Host ;;
  scores-silo) echo ServiceQuality.Scores.Silo ;; # its packages must be on the feed
  console) echo ServiceQuality.Console ;;
  *) echo "There is no service $1" >&2; exit 2 ;;
  esac
}

for service in ${*:-gateway organisation monitoring scores scores-silo console}; do
  name=$(project "$service")
  # shellcheck disable=SC2086
  $tool build ${TOOL_ARGS:-} -f deploy/images/Containerfile -t "servicequality/$service:$version" \
    --build-arg SDK="$SDK" --build-arg BASE="$BASE" --build-arg PROJECT="$name" --build-arg SERVICE="$service" \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" .
done
