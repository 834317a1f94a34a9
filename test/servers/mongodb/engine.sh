#!/usr/bin/env bash
# engine.sh DIR: as root on Debian, makes a chroot in DIR with PostgreSQL 18 and the DocumentDB engine, from the
# mirror that apt is set to. About a minute and 600 MB the first time, nothing after that.
set -euo pipefail
dir=$(realpath -m "$1")
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9
[[ ! -e $dir/.ready ]] || exit 0

rm -rf "$dir"
tools=$dir.tools
mkdir -p "$tools"
cd "$tools"
apt-get update -qq
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 -E '/debian/?$')
if ! command -v debootstrap >/dev/null; then
  apt-get download -qq -o APT::Sandbox::User=root debootstrap
  dpkg -x debootstrap_*.deb .
  export DEBOOTSTRAP_DIR=$tools/usr/share/debootstrap PATH=$tools/usr/sbin:$PATH
fi
debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg forky "$dir" "$mirror" \
  "${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts/sid" >"$tools/log"

cp /etc/resolv.conf /etc/hosts "$dir/etc/"
printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d" # packages start no services
chmod +x "$dir/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$dir/etc/dpkg/dpkg.cfg.d/throw-away"
# Where /proc cannot be mounted, some packages unpack but do not configure; the server needs no more than that.
unshare -m --propagation private bash -c '
  mount -t proc proc "$1/proc" || true
  chroot "$1" sh -c "
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends postgresql-18-documentdb
    apt-get clean
    rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/locale"' bash "$dir" >>"$tools/log" 2>&1 || true
test -x "$dir/usr/lib/postgresql/18/bin/postgres"
test -e "$dir/usr/share/postgresql/18/extension/documentdb.control"
touch "$dir/.ready"
