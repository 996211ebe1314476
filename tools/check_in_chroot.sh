#!/usr/bin/env bash
# Proves that a fresh clone works on a bare Debian 12: makes one in a folder (debootstrap, with nothing but build-essential,
# cmake, git, python3 and python3-venv), clones the last commit into it and runs make targets there.
#
#   sudo tools/check_in_chroot.sh [--dir DIR] [--fresh] [TARGET...]        default targets: demo test
#
# The folder (default: /tmp/cellwright-chroot) is kept; with --fresh it is made anew, so that nothing that an earlier check
# installed can hide a missing package. Needs root and the package debootstrap.
set -euo pipefail

repository="$(cd "$(dirname "$0")/.." && pwd)"
chroot_dir=/tmp/cellwright-chroot
fresh=no
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --dir) chroot_dir="$2"; shift 2 ;;
    --fresh) fresh=yes; shift ;;
    -*) echo "$0: unknown option $1" >&2; exit 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=(demo test)
[ "$(id -u)" -eq 0 ] || { echo "$0: must run as root" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "$0: install the package debootstrap first" >&2; exit 1; }

release_mounts() {
  for point in proc dev/pts dev/shm dev sys; do
    if mountpoint -q "$chroot_dir/$point"; then umount "$chroot_dir/$point"; fi
  done
}
trap release_mounts EXIT

if [ "$fresh" = yes ] && [ -e "$chroot_dir" ]; then
  release_mounts
  [ -e "$chroot_dir/etc/debian_version" ] || { echo "$0: $chroot_dir is no Debian folder; not removed" >&2; exit 1; }
  rm -rf --one-file-system "$chroot_dir"
fi
if [ ! -e "$chroot_dir/etc/debian_version" ]; then
  debootstrap --variant=minbase --include=build-essential,cmake,git,python3,python3-venv,ca-certificates bookworm "$chroot_dir" \
    http://deb.debian.org/debian > "$chroot_dir.log" 2>&1 || { tail -20 "$chroot_dir.log" >&2; exit 1; }
fi

# The way out to the package registries, as this machine has it.
cp /etc/resolv.conf /etc/hosts "$chroot_dir/etc/"
for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt /etc/apt/apt.conf.d/*proxy*; do
  if [ -e "$file" ]; then install -D -m 644 "$file" "$chroot_dir$file"; fi
done
mount -t proc proc "$chroot_dir/proc"
[ -c "$chroot_dir/dev/null" ] && [ -c "$chroot_dir/dev/urandom" ] || mount --bind /dev "$chroot_dir/dev"
mkdir -p "$chroot_dir/dev/pts"  # the tests of Ctrl-C need a pseudo-terminal
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$chroot_dir/dev/pts"
[ -e "$chroot_dir/dev/ptmx" ] || ln -s pts/ptmx "$chroot_dir/dev/ptmx"

clone="$chroot_dir/root/cellwright"
rm -rf "$clone"
git clone -q "$repository" "$clone"
echo "== $(cat "$chroot_dir/etc/debian_version"), $(nproc) cores, commit $(git -C "$clone" rev-parse --short HEAD)"
keep=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "TERM=${TERM:-dumb}")
while IFS='=' read -r name value; do
  case "$name" in PIP_CERT | PIP_INDEX_URL | *_proxy | *_PROXY | SSL_CERT_FILE) keep+=("$name=$value") ;; esac
done < <(env)
for target in "${targets[@]}"; do
  start=$SECONDS
  env -i "${keep[@]}" chroot "$chroot_dir" bash -c "cd /root/cellwright && make $target"
  echo "== make $target: done in $((SECONDS - start)) s"
done
