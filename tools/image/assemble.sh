#!/bin/sh
# Compiles the packs and puts together what the image holds: assemble.sh OPA TARGET
set -eu
opa=$1
target=$2
cd "$(dirname "$0")/../.."
FIREBREAK_OPA="$opa" node tools/pack/build.ts
mkdir -p "$target"
cp -R package.json LICENSE src node_modules "$target/"
mkdir -p "$target/dist" "$target/policies" "$target/bin"
cp -R dist/packs "$target/dist/"
# What rule packs are compiled with, in a cluster too.
cp -R policies/firebreak policies/lib policies/schemas policies/template "$target/policies/"
cp "$opa" "$target/bin/opa"
find "$target/src" -name '*.test.ts' -exec rm {} +
chmod -R a+rX,go-w "$target"
