# shellcheck shell=sh
# What tests need of OpenWrt's /lib/functions.sh and procd: a file of /etc/config is a shell script of
# these words; callbacks hear of each in order, and what was read is asked for by section and option.
# What the init script does to the system is told on standard output.
config_cb() { :; }
option_cb() { :; }
list_cb() { :; }

config() {
	count=$((count + 1))
	section=${2:-cfg$count}
	sections="$sections $1:$section"
	config_cb "$1" "${2:-}"
}
option() {
	eval "value_${section}_$1=\$2"
	option_cb "$@"
}
list() { list_cb "$@"; }

config_load() {
	count=0 sections=
	# shellcheck disable=SC1090
	[ ! -e "$UCI/$1" ] || . "$UCI/$1"
	config_cb # the library's way to say that the last section ended
}

config_get() { eval "$1=\${value_$2_$3:-\${4:-}}"; }

config_get_bool() {
	config_get "$@"
	eval "case \$$1 in 1 | on | true | yes | enabled) $1=1 ;; 0 | off | false | no | disabled) $1=0 ;; *) $1=\${4:-} ;; esac"
}

# config_foreach FUNCTION TYPE
config_foreach() {
	for each in $sections; do
		[ "${each%%:*}" != "$2" ] || "$1" "${each#*:}"
	done
}

for word in procd_open_instance procd_close_instance procd_set_param procd_send_signal \
	procd_add_reload_trigger procd_add_reload_mount_trigger stop start chown logger; do
	eval "$word() { echo $word \"\$@\"; }"
done
