#!/bin/sh
# The commit that the source is of, with a + when files differ from it; nothing when it is not known.
cd "$(dirname "$0")/.." || exit 0
exported=$(cat tools/commit)
case $exported in
*Format*) ;;
*) echo "$exported" && exit 0 ;; # written by git archive, or for a package
esac
[ -e .git ] || exit 0
commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || exit 0
git diff-index --quiet HEAD -- 2>/dev/null || commit=$commit+
echo "$commit"
