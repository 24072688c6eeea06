#!/bin/sh
# make deb: BUILD/deb/alfisd_VERSION_ARCH.deb, built from a copy that has only the project's own files.
# usage: deb.sh BUILD
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^#define ALFISD_VERSION "\(.*\)"$/\1/p' node/version.h)
to=$PWD/$1/deb
copy=$to/alfisd-$version
rm -rf "$to"
mkdir -p "$copy"
# In files, so that nothing goes on when a list or an archive could not be made.
if [ -e .git ] && command -v git >/dev/null; then # a worktree has a file of that name
	git ls-files -z >"$to/files"
else
	find . -name 'build*' -prune -o -path ./.git -prune -o -path ./data -prune -o -type f -print0 >"$to/files"
fi
tar -cf "$to/files.tar" --null --files-from="$to/files"
tar -xf "$to/files.tar" -C "$copy"
rm "$to/files" "$to/files.tar"
cp -r contrib/debian "$copy/debian"
tools/commit.sh >"$copy/tools/commit"
cd "$copy"
dpkg-buildpackage -us -uc -b
ls -l "$to"/*.deb
