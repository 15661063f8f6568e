#!/bin/sh
# Prints the build tags of the peers whose modules can be downloaded, one for each file that has them.
set -u
cd "$(dirname "$0")" || exit 1
tags=
add() { # tag module…
	tag=$1
	shift
	for module; do
		go mod download "$module" >/dev/null 2>&1 || { echo "bench: $module can't be downloaded" >&2; return; }
	done
	tags="$tags,$tag"
}
add gocache github.com/eko/gocache/lib/v4 github.com/eko/gocache/store/redis/v4 github.com/eko/gocache/store/ristretto/v4 \
	github.com/dgraph-io/ristretto/v2
add goredis_cache github.com/go-redis/cache/v9
add hot github.com/samber/hot
add jetcache github.com/mgtv-tech/jetcache-go
add ristretto github.com/dgraph-io/ristretto/v2
add rueidis github.com/redis/rueidis
add sturdyc github.com/viccon/sturdyc
add theine github.com/Yiling-J/theine-go
echo "${tags#,}"
