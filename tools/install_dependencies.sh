#!/usr/bin/env bash
# Installs the Debian packages that cellwright needs and that are missing; says which and why; installs nothing else.
#
#   tools/install_dependencies.sh GROUP...      groups: build, test, bench, lint, browser, cluster
#
# Works as root, or through sudo. The purpose of each package stands in docs/dependencies.md.
set -euo pipefail

declare -A packages=(
  [build]="g++ cmake ninja-build pkg-config libcli11-dev nlohmann-json3-dev libfmt-dev libxxhash-dev libjs-dygraphs libopenmpi-dev"
  [test]="python3 python3-venv libpython3.11 libgtest-dev libgmock-dev librapidcheck-dev openmpi-bin"
  [bench]="python3 python3-venv libpython3.11 libbenchmark-dev"
  [lint]="clang-format clang-tidy"
  [browser]="chromium"
  [cluster]="slurm-wlm munge iproute2 openmpi-bin qemu-user"
)
declare -A purpose=(
  [build]="to build the program" [test]="to run the tests" [bench]="to run the benchmarks" [lint]="for make format and make tidy" [browser]="to test the report" [cluster]="for make cluster-test"
)

if [ $# -eq 0 ]; then
  echo "usage: $0 build|test|bench|lint|browser|cluster ..." >&2
  exit 2
fi
if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  echo "$0: this machine has no apt-get; install the packages of docs/dependencies.md by hand" >&2
  exit 1
fi

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

missing=()
for group in "$@"; do
  if [ -z "${packages[$group]:-}" ]; then
    echo "$0: unknown group '$group'; known: ${!packages[*]}" >&2
    exit 2
  fi
  for package in ${packages[$group]}; do
    if ! is_installed "$package" && [[ " ${missing[*]:-} " != *" $package "* ]]; then
      missing+=("$package")
      echo "needed ${purpose[$group]}: $package"
    fi
  done
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "$0: not root and no sudo here; as root, run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "installing with ${as_root[*]:+${as_root[*]} }apt-get: ${missing[*]}"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
