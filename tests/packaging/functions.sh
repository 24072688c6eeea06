# What tests need of OpenWrt's /lib/functions.sh: a file of /etc/config is a shell script of these
# words, and callbacks hear of each in order. shellcheck shell=sh
config() { config_cb "$1" "${2:-}"; }
option() { option_cb "$@"; }
list() { list_cb "$@"; }
config_load() {
	# shellcheck disable=SC1090
	. "$UCI/$1"
	config_cb # the library's way to say that the last section ended
}
