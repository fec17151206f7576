#!/bin/sh
# Compiles the packs and puts together what the image holds: assemble.sh OPA TARGET
set -eu
opa=$1
target=$2
cd "$(dirname "$0")/../.."
FIREBREAK_OPA="$opa" node tools/pack/build.ts
mkdir -p "$target"
cp -R package.json LICENSE src node_modules "$target/"
mkdir -p "$target/dist"
cp -R dist/packs "$target/dist/"
find "$target/src" -name '*.test.ts' -exec rm {} +
chmod -R a+rX,go-w "$target"
