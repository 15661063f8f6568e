#!/bin/sh
# Installs what the tests need and this machine lacks, as Debian packages: PostgreSQL, Redis, Memcached, nginx, Chromium,
# a C compiler (for go test -race) and Git. Debian's own servers are neither created nor started by it.
# Says and does nothing where all is there. Needs root, or a user with sudo.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

missing=
want() { missing="$missing $*"; }
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || has postgres || want postgresql
has redis-server || want redis-server
has memcached || want memcached
has nginx || [ -x /usr/sbin/nginx ] || want nginx-light
has chromium || has google-chrome || want chromium fonts-dejavu-core # fonts: Latin and Cyrillic
has cc || want gcc libc6-dev
has git || want git ca-certificates
[ -n "$missing" ] || exit 0

if ! has apt-get; then
	echo "install: missing:$missing (names of Debian's packages); no apt-get here, so please install them" >&2
	exit 1
fi
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
if [ "$(id -u)" != 0 ] && ! has sudo; then
	echo "install: missing:$missing; run 'apt-get install$missing' as root" >&2
	exit 1
fi

echo "install:$missing"
# Debian starts a server as soon as its package is there, unless this script forbids it (101: not allowed).
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'as_root rm -f $policy' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
	as_root chmod 755 $policy
fi
# And PostgreSQL makes a cluster of its own, unless told otherwise before it comes.
conf=/etc/postgresql-common/createcluster.conf
if [ ! -e $conf ]; then
	as_root mkdir -p "$(dirname $conf)"
	echo 'create_main_cluster = false' | as_root tee $conf >/dev/null
fi
as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

# Nor should they start with the machine the next time.
for service in postgresql redis-server memcached nginx; do
	case " $missing " in
	*" $service"*) has systemctl && as_root systemctl disable --quiet $service 2>/dev/null || true ;;
	esac
done
