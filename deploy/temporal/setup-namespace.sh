#!/bin/sh
# Creates the namespace and the search attributes that the delivery workflows set. May be run again. The temporal command
# reads address and namespace from TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

namespace="${TEMPORAL_NAMESPACE:?}"
retention="${TEMPORAL_RETENTION:-14d}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# retry <name> <command…>: a starting server refuses connections, and a new namespace is known everywhere only after seconds.
retry() {
  what="$1"
  shift
  attempt=1
  until "$@" >"$log" 2>&1; do
    if [ "$attempt" -ge 30 ]; then
      echo "$what: gave up after $attempt attempts" >&2
      cat "$log" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 2
  done
  echo "$what: done"
}

healthy() {
  temporal operator cluster health
}

namespace_exists() {
  temporal operator namespace describe --namespace "$namespace" ||
    temporal operator namespace create --namespace "$namespace" --retention "$retention"
}

has_attribute() {
  temporal operator search-attribute list --namespace "$namespace" | awk '{ print $1 }' | grep -qx "$1"
}

attribute_exists() {
  has_attribute "$1" ||
    { temporal operator search-attribute create --namespace "$namespace" --name "$1" --type "$2" && has_attribute "$1"; }
}

retry 'server answers' healthy
retry "namespace $namespace" namespace_exists
retry 'search attribute AccountId' attribute_exists AccountId Keyword
retry 'search attribute EventTypes' attribute_exists EventTypes KeywordList
retry 'search attribute WebhookIds' attribute_exists WebhookIds KeywordList
