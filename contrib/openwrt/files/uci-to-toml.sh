#!/bin/sh
# /etc/config/alfisd as node.toml on standard output: `option KEY VALUE` in a section of type TABLE
# becomes table.key = value, entries of `list` an array. Type `alfisd` holds origin and check_blocks,
# `params` is [chain.params]. The program judges names and values: it knows them all.
# usage: uci-to-toml.sh [CONFIG]   $FUNCTIONS: OpenWrt's shell library

# shellcheck source=/dev/null
. "${FUNCTIONS:-/lib/functions.sh}"

prefix=
list_key=

quoted() {
	printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"
}

# UCI writes a truth as 0 or 1, people as they like.
truth() {
	case $(printf '%s' "$1" | tr '[:upper:]' '[:lower:]') in
	1 | on | true | yes | enabled) printf true ;;
	0 | off | false | no | disabled) printf false ;;
	*) quoted "$1" ;;
	esac
}

# Whole numbers stand bare, and without zeros before them, which TOML forbids; everything else is
# text, which the program reads with its unit.
number_or_text() {
	case $1 in
	"" | *[!0-9]* | ????????????????????*) quoted "$1" ;;
	0*[!0]*) printf '%s' "${1#"${1%%[!0]*}"}" ;;
	0*) printf 0 ;;
	*) printf '%s' "$1" ;;
	esac
}

end_list() {
	[ -z "$list_key" ] || printf ']\n'
	list_key=
}

# The library calls these, in the order of the file.
config_cb() {
	end_list
	case ${1:-} in
	alfisd) prefix= ;;
	params) prefix=chain.params. ;;
	*) prefix=${1:-}. ;;
	esac
}

option_cb() {
	end_list
	case $prefix$1 in
	enabled) ;; # the init script's own
	net.public | net.yggdrasil_only | dns.enable_0x20 | dns.rebind_protection | dns.trust_ad | dns.delegate_private | dns.page_names | \
	mining.lower | mining.offline | owner.sign | webui.public | webui.unlock)
		printf '%s = %s\n' "$prefix$1" "$(truth "$2")"
		;;
	*) printf '%s = %s\n' "$prefix$1" "$(number_or_text "$2")" ;;
	esac
}

list_cb() {
	if [ "$list_key" = "$prefix$1" ]; then
		printf ', '
	else
		end_list
		list_key=$prefix$1
		printf '%s = [' "$list_key"
	fi
	quoted "$2"
}

config_load "${1:-alfisd}"
end_list
