#!/bin/sh
# A fixed part of the pages as C: its bytes, the same compressed, and a tag that changes with them.
# usage: asset.sh FILE NAME
set -e

bytes() {
	echo "static const unsigned char $1[] = {"
	od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'
	echo '};'
}

bytes "$2" <"$1"
gzip -9n <"$1" | bytes "${2}_gzip"
echo "static const char ${2}_tag[] = \"$(sha256sum <"$1" | cut -c1-16)\";"
