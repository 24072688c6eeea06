#!/bin/sh
# make install: the program and what belongs to it, under DESTDIR. Settings that are there stay.
# make uninstall: removes the same files; settings and data stay.
# usage: install.sh PROGRAM|--remove DESTDIR PREFIX [SYSCONFDIR [STATEDIR]]
set -eu
program=$1 prefix=$3 to=$2$3 etc=${4:-/etc} state=${5:-/var/lib}
settings=$2$etc/alfisd/node.toml
cd "$(dirname "$0")/.."
umask 022 # others shall read it, whatever the umask of who installs
export LC_ALL=C

# Files name the places of a package; here they get those of this installation.
replacement() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }
places="s|/usr/bin/alfisd|$(replacement "$prefix")/bin/alfisd|g
s|/usr/lib/alfisd|$(replacement "$prefix")/lib/alfisd|g
s|/etc/alfisd|$(replacement "$etc")/alfisd|g"

# put MODE FILE PLACE; a link in its place is not followed.
put() {
	rm -f "$3"
	[ "$program" != --remove ] || return 0
	mkdir -p "${3%/*}"
	case $1 in
	program) install -m 755 "$2" "$3" ;;
	*) sed "$places" "$2" >"$3" && chmod "$1" "$3" ;;
	esac
}

put program "$program" "$to/bin/alfisd"
for page in man/*.[1-8]; do
	put 644 "$page" "$to/share/man/man${page##*.}/${page##*/}"
done
for page in README.md ARCHITECTURE.md CHANGELOG.md docs/*.md contrib/systemd/*.socket contrib/systemd/*.conf; do
	put 644 "$page" "$to/share/doc/alfisd/${page##*/}"
done
for file in contrib/monitoring/* contrib/logrotate/alfisd; do
	folder=${file%/*}
	put 644 "$file" "$to/share/doc/alfisd/${folder##*/}/${file##*/}"
done
put 644 contrib/completion/alfisd.bash "$to/share/bash-completion/completions/alfisd"
put 644 contrib/completion/_alfisd "$to/share/zsh/${ZSH_FOLDER:-site-functions}/_alfisd"
put 644 contrib/completion/alfisd.fish "$to/share/fish/vendor_completions.d/alfisd.fish"
put 755 contrib/systemd/memory-limits "$to/lib/alfisd/memory-limits"
put 644 contrib/systemd/alfisd.sysusers "$to/lib/sysusers.d/alfisd.conf"
put 644 contrib/systemd/alfisd.service "$2${UNIT_FOLDER:-$prefix/lib/systemd/system}/alfisd.service"

# The store of a service is not in the folder that it was started in.
copy=$to/share/doc/alfisd/node.toml
put 644 node.toml "$copy"
if [ "$program" = --remove ]; then
	for folder in lib/alfisd share/doc/alfisd/monitoring share/doc/alfisd/logrotate share/doc/alfisd; do
		rmdir "$to/$folder" 2>/dev/null || true
	done
	exit 0
fi
sed "s|^data_dir = \"data\"\$|data_dir = \"$(replacement "$state")/alfisd\"|" node.toml >"$copy"
if [ -e "$settings" ]; then
	echo "kept: $settings"
elif ! mkdir -p "${settings%/*}" 2>/dev/null || ! [ -w "${settings%/*}" ]; then
	echo "no settings at $settings, which cannot be written here: $copy is a copy;" \
		"make install SYSCONFDIR=… puts them, and looks for them, elsewhere" >&2
else
	install -m 644 "$copy" "$settings"
fi
