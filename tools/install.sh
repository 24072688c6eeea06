#!/bin/sh
# make install: the program and what belongs to it, under DESTDIR. Settings that are there stay.
# usage: install.sh PROGRAM DESTDIR PREFIX
set -eu
program=$1 prefix=$3 to=$2$3 etc=$2/etc/alfisd
cd "$(dirname "$0")/.."

put() { install -D -m "$1" "$2" "$3"; }

put 755 "$program" "$to/bin/alfisd"
for page in man/*.[1-8]; do
	put 644 "$page" "$to/share/man/man${page##*.}/${page##*/}"
done
for page in README.md ARCHITECTURE.md CHANGELOG.md docs/*.md; do
	put 644 "$page" "$to/share/doc/alfisd/${page##*/}"
done
put 644 contrib/completion/alfisd.bash "$to/share/bash-completion/completions/alfisd"
put 644 contrib/completion/_alfisd "$to/share/zsh/${ZSH_FOLDER:-site-functions}/_alfisd"
put 644 contrib/completion/alfisd.fish "$to/share/fish/vendor_completions.d/alfisd.fish"

put 755 contrib/systemd/memory-limits "$to/lib/alfisd/memory-limits"
put 644 contrib/systemd/alfisd.sysusers "$to/lib/sysusers.d/alfisd.conf"
unit="$2${UNIT_FOLDER:-$prefix/lib/systemd/system}/alfisd.service"
put 644 contrib/systemd/alfisd.service "$unit"
put 644 contrib/systemd/alfisd.socket "$to/share/doc/alfisd/alfisd.socket"
sed -i "s|/usr/bin/alfisd|$prefix/bin/alfisd|g; s|/usr/lib/alfisd|$prefix/lib/alfisd|" "$unit"

# The store of a service is not in the folder that it was started in.
settings() { sed 's|^data_dir = "data"$|data_dir = "/var/lib/alfisd"|' node.toml; }
settings >"$to/share/doc/alfisd/node.toml"
[ -e "$etc/node.toml" ] || put 644 "$to/share/doc/alfisd/node.toml" "$etc/node.toml"
