#!/bin/sh
# Makes FOLDER of links to the headers of the libraries and the kernel alone, to be read beside
# musl's: the C library's own headers lie in the same place.
# usage: musl_headers.sh FOLDER
set -eu
rm -rf "$1.new"
mkdir -p "$1.new"
for name in ares.h ares_version.h ares_rules.h ares_build.h ares_dns.h ares_nameser.h cbor cbor.h \
	event2 lmdb.h nghttp2 openssl sodium sodium.h sqlite3.h toml++ zlib.h zconf.h linux asm asm-generic; do
	for place in /usr/local/include /usr/include "/usr/include/$(cc -dumpmachine)"; do
		[ -e "$place/$name" ] || continue
		# openssl has two folders, one for each machine
		if [ -d "$place/$name" ]; then
			mkdir -p "$1.new/$name" && ln -sf "$place/$name"/* "$1.new/$name/"
		else
			ln -sf "$place/$name" "$1.new/$name"
		fi
	done
done
rm -rf "$1"
mv "$1.new" "$1"
