# Completion of alfisd for bash. Commands, options and settings are asked of the program itself,
# addresses of the running node.

_alfisd_commands()
{
	"$1" --help 2>/dev/null | awk '
		/^commands:/ { on = 1; next }
		/^$/ { on = 0 }
		on && /^  [a-z]/ { print $1 }'
}

# All options, or what a command takes.
_alfisd_options()
{
	if [ -z "$2" ]; then
		"$1" --help 2>/dev/null | sed '1,/^options:/d' | grep -o -e '--[a-z][a-z-]*'
	else
		echo --config --data-dir --set --log-level --help
		"$1" help "$2" 2>/dev/null | awk '/^  --/ { print $1 }'
	fi
}

_alfisd_keys()
{
	"$1" config-template 2>/dev/null | awk '
		/^\[/ { table = substr($1, 2, length($1) - 2) "." }
		/^[a-z_]+ = / { print table $1 "=" }'
}

# What a setting may be, where that is a short list.
_alfisd_values()
{
	"$1" config-template 2>/dev/null | awk -v key="$2" '
		/^\[/ { table = substr($1, 2, length($1) - 2) "." }
		/^$/ { choices = "" }
		/^# one of / { choices = $4 }
		/^[a-z_]+ = / && table $1 == key {
			if (!choices && $3 ~ /^(true|false)$/)
				choices = "true/false"
			gsub("/", "\n", choices)
			print choices
		}'
}

# Of the peers, without their ports, or of what the running node has banned.
_alfisd_addresses()
{
	"$1" "$2" --json 2>/dev/null | grep -o '"address":"[^"]*"' | cut -d '"' -f 4 |
		case $3 in
		hosts) sed -e 's/^\[\(.*\)\]:[0-9]*$/\1/' -e 's/^\([0-9.]*\):[0-9]*$/\1/' ;;
		*) cat ;;
		esac
}

# The words of the line up to the cursor; bash itself also cuts them at = and :.
_alfisd_line()
{
	line=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
	[ -n "$COMP_LINE" ] || return
	read -ra line <<<"${COMP_LINE:0:COMP_POINT}"
	case ${COMP_LINE:0:COMP_POINT} in
	*[[:space:]]) line+=('') ;;
	esac
}

# What stands before the last word, without options and their values.
_alfisd_words()
{
	local i
	words=()
	for ((i = 1; i < ${#line[@]} - 1; i++)); do
		case ${line[i]} in
		--config | --data-dir | --set | --log-level) ((i++)) ;;
		-*) ;;
		*) words+=("${line[i]}") ;;
		esac
	done
}

# By the command and how many words stand before the last one.
_alfisd_argument()
{
	case ${#words[@]}:${words[*]} in
	0: | 1:help) offered=$(_alfisd_commands "$1") ;;
	1:import | 1:export) files=-f ;;
	1:show) offered="chain block domain key" ;;
	1:peer) offered="add remove" ;;
	1:ban) offered=$(_alfisd_addresses "$1" peers hosts) ;;
	1:unban) offered=$(_alfisd_addresses "$1" bans) ;;
	2:"peer remove") offered=$(_alfisd_addresses "$1" peers) ;;
	esac
}

# Readline has what stands before the last of its word breaks.
_alfisd_cut()
{
	local mark
	for mark in : =; do
		[[ $COMP_WORDBREAKS == *$mark* ]] || continue
		prefix=${current%"${current##*"$mark"}"}
		COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
		current=${current#"$prefix"}
	done
}

_alfisd()
{
	local line words files='' offered='' current prefix
	_alfisd_line
	_alfisd_words
	current=${line[${#line[@]} - 1]}

	case ${line[${#line[@]} - 2]}:$current in
	--config:*) files=-f ;;
	--data-dir:*) files=-d ;;
	--log-level:*) offered="error warn info debug" ;;
	--set:*=*)
		prefix=${current%%=*}=
		offered=$(_alfisd_values "$1" "${prefix%=}" | sed "s/^/$prefix/")
		;;
	--set:*) offered=$(_alfisd_keys "$1") && compopt -o nospace ;;
	*:-*) offered=$(_alfisd_options "$1" "${words[0]}") ;;
	*) _alfisd_argument "$1" ;;
	esac
	[ -z "$files" ] || compopt -o filenames
	mapfile -t COMPREPLY < <(compgen ${files:+"$files"} -W "$offered" -- "$current")
	[ -n "$files" ] || _alfisd_cut
}
complete -F _alfisd alfisd
