#!/bin/sh
# Installs what Firebreak needs at run time, as package-lock.json pins it, and runs no package's own scripts.
set -eu
cd "$(dirname "$0")/../.."
npm ci --omit=dev --ignore-scripts --no-audit --no-fund
