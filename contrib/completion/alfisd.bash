# Completion of alfisd for bash. Settings are asked of the program itself, addresses of the running
# node. A function of what the table of commands offers fills `offered` with words, or `files`.

# >>> from cli/commands.def, by tools/commands.py
_alfisd_commands()
{
	offered="run check-config config config-template metrics-reference api-reference import export verify show domain status peers bans limits events ban unban peer resolve dns job sign block signer key web-password reload stop help version"
}

_alfisd_has_value()
{
	case $1 in
	--config | --data-dir | --set | --log-level | --output | --threads | --key | --to | --for | --zone-file | --record | --remove | --contact | --info | --passphrase-fd | --lock-after) : ;;
	*) return 1 ;;
	esac
}

# What the value of an option may be; false when it takes none.
_alfisd_value()
{
	case $2 in
	--config) _alfisd_files "$1" ;;
	--data-dir) _alfisd_folders "$1" ;;
	--set) _alfisd_settings "$1" ;;
	--log-level) offered="error warn info debug" ;;
	--output) _alfisd_files "$1" ;;
	--threads) : ;;
	--key) _alfisd_own_keys "$1" ;;
	--to) : ;;
	--for) : ;;
	--zone-file) _alfisd_files "$1" ;;
	--record) : ;;
	--remove) : ;;
	--contact) : ;;
	--info) : ;;
	--passphrase-fd) : ;;
	--lock-after) : ;;
	*) return 1 ;;
	esac
}

# The options that may stand behind the words before.
_alfisd_options()
{
	case "${words[*]} " in
	"run "*) offered="--config --data-dir --set --log-level --offline --help --version" ;;
	"check-config "*) offered="--config --data-dir --set --log-level --json --all --help --version" ;;
	"config "* | "import "* | "export "* | "verify "* | "show chain "* | "show block "* | "show domain "* | "show key "* | "events "* | "ban "* | "unban "* | "peer remove "* | "dns flush "* | "job cancel "* | "job pause "* | "job resume "* | "sign off "* | "block submit "* | "key show "* | "key rename "* | "key lock "* | "reload "* | "stop "* | "help "*) offered="--config --data-dir --set --log-level --json --help --version" ;;
	"config-template "* | "metrics-reference "* | "api-reference "* | "signer "*) offered="--config --data-dir --set --log-level --help --version" ;;
	"domain new "*) offered="--config --data-dir --set --log-level --json --threads --key --for --zone-file --record --contact --info --dry-run --no-wait --help --version" ;;
	"domain set "*) offered="--config --data-dir --set --log-level --json --threads --key --zone-file --record --remove --contact --info --renewal --dry-run --no-wait --help --version" ;;
	"domain renew "*) offered="--config --data-dir --set --log-level --json --threads --key --dry-run --no-wait --help --version" ;;
	"domain transfer "*) offered="--config --data-dir --set --log-level --json --threads --key --to --renewal --dry-run --no-wait --help --version" ;;
	"domain check "*) offered="--config --data-dir --set --log-level --json --key --help --version" ;;
	"domain list "*) offered="--config --data-dir --set --log-level --json --key --all-keys --help --version" ;;
	"status "*) offered="--config --data-dir --set --log-level --json --watch --all --check --help --version" ;;
	"peers "* | "bans "* | "limits "* | "dns show "*) offered="--config --data-dir --set --log-level --json --watch --all --help --version" ;;
	"peer add "*) offered="--config --data-dir --set --log-level --json --once --help --version" ;;
	"resolve "*) offered="--config --data-dir --set --log-level --json --trace --help --version" ;;
	"job list "* | "job show "* | "sign status "* | "key list "*) offered="--config --data-dir --set --log-level --json --watch --help --version" ;;
	"sign on "*) offered="--config --data-dir --set --log-level --json --after-restore --help --version" ;;
	"block prepare "*) offered="--config --data-dir --set --log-level --json --output --key --to --for --zone-file --record --remove --contact --info --renewal --dry-run --help --version" ;;
	"block search "*) offered="--config --data-dir --set --log-level --json --output --threads --help --version" ;;
	"block sign "*) offered="--config --data-dir --set --log-level --json --output --key --dry-run --passphrase-fd --help --version" ;;
	"key new "*) offered="--config --data-dir --set --log-level --json --passphrase-fd --no-wait --cancel --help --version" ;;
	"key import "* | "key passphrase "* | "web-password "*) offered="--config --data-dir --set --log-level --json --passphrase-fd --help --version" ;;
	"key export "*) offered="--config --data-dir --set --log-level --json --passphrase-fd --plain --yes --help --version" ;;
	"key remove "*) offered="--config --data-dir --set --log-level --json --yes --help --version" ;;
	"key unlock "*) offered="--config --data-dir --set --log-level --json --passphrase-fd --lock-after --help --version" ;;
	"version "*) offered="--config --data-dir --set --log-level --verbose --help --version" ;;
	*) offered="--config --data-dir --set --log-level --json --watch --all --check --once --trace --output --threads --key --all-keys --to --for --zone-file --record --remove --contact --info --renewal --dry-run --passphrase-fd --lock-after --plain --no-wait --offline --cancel --after-restore --yes --verbose --help --version" ;;
	esac
}

# How many words stand before, and which.
_alfisd_argument()
{
	case ${#words[@]}:${words[*]} in
	0:) _alfisd_commands ;;
	1:"show") offered="chain block domain key" ;;
	2:"help show") offered="chain block domain key" ;;
	1:"domain") offered="new set renew transfer check list" ;;
	2:"help domain") offered="new set renew transfer check list" ;;
	1:"peer") offered="add remove" ;;
	2:"help peer") offered="add remove" ;;
	1:"dns") offered="flush show" ;;
	2:"help dns") offered="flush show" ;;
	1:"job") offered="list show cancel pause resume" ;;
	2:"help job") offered="list show cancel pause resume" ;;
	1:"sign") offered="status on off" ;;
	2:"help sign") offered="status on off" ;;
	1:"block") offered="prepare search sign submit" ;;
	2:"help block") offered="prepare search sign submit" ;;
	1:"key") offered="new list show import export passphrase rename remove unlock lock" ;;
	2:"help key") offered="new list show import export passphrase rename remove unlock lock" ;;
	1:"import") _alfisd_files "$1" ;;
	1:"export") _alfisd_files "$1" ;;
	1:"ban") _alfisd_hosts "$1" ;;
	1:"unban") _alfisd_bans "$1" ;;
	2:"peer remove") _alfisd_peers "$1" ;;
	2:"resolve "*) offered="A AAAA CAA CNAME DS HTTPS MX NS PTR SOA SRV TLSA TXT" ;;
	2:"block search") _alfisd_files "$1" ;;
	2:"block sign") _alfisd_files "$1" ;;
	2:"block submit") _alfisd_files "$1" ;;
	2:"key show") _alfisd_own_keys "$1" ;;
	2:"key import") _alfisd_files "$1" ;;
	2:"key export") _alfisd_own_keys "$1" ;;
	3:"key export "*) _alfisd_files "$1" ;;
	2:"key passphrase") _alfisd_own_keys "$1" ;;
	2:"key rename") _alfisd_own_keys "$1" ;;
	2:"key remove") _alfisd_own_keys "$1" ;;
	2:"key unlock") _alfisd_own_keys "$1" ;;
	2:"key lock") _alfisd_own_keys "$1" ;;
	1:"help") _alfisd_commands "$1" ;;
	esac
}
# <<<

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

# Names of the owner's keys.
_alfisd_own_keys()
{
	offered=$("$1" key list --json 2>/dev/null | grep -o '"name":"[^"]*","kind"' | cut -d '"' -f 4)
}

_alfisd_files()
{
	files=-f
}

_alfisd_folders()
{
	files=-d
}

# Keys, or what the key before the = may be.
_alfisd_settings()
{
	local key=${current%%=*}
	case $current in
	*=*) offered=$(_alfisd_values "$1" "$key" | sed "s/^/$key=/") ;;
	*) offered=$(_alfisd_keys "$1") && compopt -o nospace ;;
	esac
}

_alfisd_peers()
{
	offered=$(_alfisd_addresses "$1" peers)
}

_alfisd_hosts()
{
	offered=$(_alfisd_addresses "$1" peers hosts)
}

_alfisd_bans()
{
	offered=$(_alfisd_addresses "$1" bans)
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
		--*) ! _alfisd_has_value "${line[i]}" || ((i++)) ;;
		-*) ;;
		*) words+=("${line[i]}") ;;
		esac
	done
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

	if ! _alfisd_value "$1" "${line[${#line[@]} - 2]}"; then
		case $current in
		-*) _alfisd_options ;;
		*) _alfisd_argument "$1" ;;
		esac
	fi
	[ -z "$files" ] || compopt -o filenames
	mapfile -t COMPREPLY < <(compgen ${files:+"$files"} -W "$offered" -- "$current")
	[ -n "$files" ] || _alfisd_cut
}
complete -F _alfisd alfisd
