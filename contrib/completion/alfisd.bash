# Completion of alfisd for bash. Commands and settings are asked of the program itself.

_alfisd_commands()
{
	"$1" --help 2>/dev/null | awk '
		/^commands:/ { on = 1; next }
		/^$/ { on = 0 }
		on && /^  [a-z]/ { print $1 }'
}

_alfisd_keys()
{
	"$1" config-template 2>/dev/null | awk '
		/^\[/ { table = substr($1, 2, length($1) - 2) "." }
		/^[a-z_]+ = / { print table $1 "=" }'
}

# The first word that is neither an option nor the value of one.
_alfisd_command()
{
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --data-dir | --set | --log-level) ((i++)) ;;
		-*) ;;
		*) echo "${COMP_WORDS[i]}" && return ;;
		esac
	done
}

_alfisd()
{
	local options="--config --data-dir --set --log-level --json --watch --all --help --version --verbose"
	local files='' words=''

	case $3 in
	--config) files=-f ;;
	--data-dir) files=-d ;;
	--log-level) words="error warn info debug" ;;
	--set) words=$(_alfisd_keys "$1") && compopt -o nospace ;;
	*)
		case $2:$(_alfisd_command) in
		-*) words=$options ;;
		*:) words=$(_alfisd_commands "$1") ;;
		*:import | *:export) files=-f ;;
		*:show) words="chain block domain key" ;;
		*:peer) words="add remove" ;;
		esac
		;;
	esac
	[ -z "$files" ] || compopt -o filenames
	mapfile -t COMPREPLY < <(compgen ${files:+"$files"} -W "$words" -- "$2")
}
complete -F _alfisd alfisd
