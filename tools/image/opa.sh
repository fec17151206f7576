#!/bin/sh
# Builds opa from the modules that go.sum pins by checksum: opa.sh TARGET
set -eu
target=$1
cd "$(dirname "$0")/../go/opa"
go build -mod=readonly -trimpath -ldflags "-s -w" -o "$target" github.com/open-policy-agent/opa
