#!/usr/bin/env bash
# Prints the absolute path of the cellwright program inside a build folder: tools/program_path.sh build/release
set -euo pipefail
build_dir="$(cd "$1" && pwd)"
for candidate in "$build_dir/cellwright" "$build_dir/src/cli/cellwright" "$build_dir/bin/cellwright"; do
  if [ -x "$candidate" ] && [ -f "$candidate" ]; then
    echo "$candidate"
    exit 0
  fi
done
echo "$0: no program 'cellwright' below $build_dir" >&2
exit 1
