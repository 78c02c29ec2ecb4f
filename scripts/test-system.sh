#!/bin/sh
# The package in a real Debian: a minimal one is made with debootstrap, booted with systemd-nspawn, and the package lives
# through its life there (scripts/test-system-inside.sh): installed, used, upgraded, removed, purged. Then the pages for
# administrators are followed there line by line (scripts/test-system-pages.sh).
#
#   sudo make test-system        or: sh scripts/test-system.sh PACKAGE.deb SANDBOX
#
# Needs root, debootstrap, systemd-nspawn (Debian: systemd-container) and a mirror of Debian. The container has no network
# but its own loopback; the service is the sandbox. The Debian is kept in $FICSYNC_TEST_ROOT (default
# /var/tmp/ficsync-test-root, about 400 MB) for the next time; each test runs on a copy-on-write layer that is thrown away.
set -eu

cd "$(dirname "$0")/.."
[ $# -eq 2 ] || { echo 'usage: test-system.sh PACKAGE.deb SANDBOX' >&2; exit 2; }
package=$1
sandbox=$2
root=${FICSYNC_TEST_ROOT:-/var/tmp/ficsync-test-root}
mirror=${FICSYNC_TEST_MIRROR:-http://deb.debian.org/debian}
patience=${FICSYNC_TEST_PATIENCE:-600}

[ "$(id -u)" -eq 0 ] || { echo 'error: test-system needs root' >&2; exit 1; }
for program in debootstrap systemd-nspawn dpkg-deb timeout; do
    command -v "$program" >/dev/null || { echo "error: $program is missing" >&2; exit 1; }
done

packages=systemd,systemd-sysv,dbus,sqlite3,ca-certificates,nginx-light,openssl,curl,procps,sudo,restic,make
if [ "$packages" != "$(cat "$root/.ficsync-ready" 2>/dev/null)" ]; then
    echo "making a minimal Debian in $root"
    [ ! -e "$root" ] || [ -e "$root/.ficsync-ready" ] || { echo "error: $root is something else" >&2; exit 1; }
    rm -rf "$root"
    debootstrap --variant=minbase --include="$packages" bookworm "$root" "$mirror" >/dev/null
    echo "$packages" >"$root/.ficsync-ready"
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/ficsync-test-system.XXXXXX")
clean_up() {
    code=$?
    trap - EXIT INT TERM
    umount "$work/debian" 2>/dev/null || true
    rm -rf "$work"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What is written goes into a layer above the Debian, so that each test begins with the same one.
mkdir "$work/debian" "$work/upper" "$work/layer" "$work/next"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/layer" "$work/debian"

# The same package with the next revision, to upgrade to.
dpkg-deb -R "$package" "$work/next"
sed -i 's/^\(Version: .*\)$/\1+next/' "$work/next/DEBIAN/control"

to=$work/debian/opt/test
mkdir -p "$to"
cp "$package" "$to/ficsync.deb"
dpkg-deb --root-owner-group -b "$work/next" "$to/next.deb" >/dev/null
cp "$sandbox" "$to/sandbox"
cp contrib/nginx.conf "$to/nginx.conf"
cp scripts/test-system-inside.sh "$to/inside.sh"
cp scripts/test-system-pages.sh "$to/pages.sh"
# What `make install` needs: the source, and what `make build` left.
mkdir -p "$to/source/target/release"
cp -R Makefile README.md README.it.md CHANGELOG.md SECURITY.md LICENSE docs man sql systemd contrib "$to/source/"
cp target/release/ficsync "$to/source/target/release/"
cp -R target/pages "$to/source/target/"

# A unit runs the test and ends the container with it.
cat >"$work/debian/etc/systemd/system/package-test.service" <<'UNIT'
[Unit]
Description=Test of the package
After=multi-user.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/sh /opt/test/inside.sh
StandardOutput=file:/opt/test/log
StandardError=inherit
UNIT
mkdir -p "$work/debian/etc/systemd/system/default.target.wants"
ln -s ../package-test.service "$work/debian/etc/systemd/system/default.target.wants/package-test.service"
: >"$to/log"

# No machined and no systemd of the host are needed.
timeout "$patience" systemd-nspawn --directory="$work/debian" --boot --register=no --keep-unit --private-network \
    --console=pipe </dev/null >"$work/console" 2>&1 || true
cat "$to/log"
if [ "$(tail -n 1 "$to/log")" != "all passed" ]; then
    echo "error: the test did not pass; the console's last lines:" >&2
    tail -n 15 "$work/console" >&2
    exit 1
fi
