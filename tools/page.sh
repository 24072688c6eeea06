#!/bin/sh
# The status page as C: its bytes, and the policy that lets a browser run its one script and its one
# style and nothing else. Reads api/page.html; <style>, <script> and their ends stand alone in a line.
set -e

# The text between <$1> and </$1>, with the line ends beside them, as a browser hashes it.
inside() {
	echo
	sed -n "/^<$1>\$/,/^<\\/$1>\$/p" api/page.html | sed '1d;$d'
}

# SHA-256 in base64, by tools that every system has.
hash_of() {
	hex=$(inside "$1" | sha256sum | cut -c1-64)
	octal=$(echo "$hex" | awk '{
		for (i = 1; i < 64; i += 2) {
			v = 16 * (index("0123456789abcdef", substr($0, i, 1)) - 1) \
				+ index("0123456789abcdef", substr($0, i + 1, 1)) - 1
			printf "\\%03o", v
		}
	}')
	# shellcheck disable=SC2059
	printf "$octal" | base64
}

echo 'static const unsigned char page_html[] = {'
od -An -v -tu1 api/page.html | sed 's/[0-9][0-9]*/&,/g'
echo '};'
echo "static const char page_policy_text[] ="
echo "	\"default-src 'none'; script-src 'sha256-$(hash_of script)'; style-src 'sha256-$(hash_of style)'; \""
echo "	\"img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\";"
