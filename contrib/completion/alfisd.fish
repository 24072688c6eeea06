# Completion of alfisd for fish. Settings are asked of the program itself, addresses of the running
# node.

# Keys, and behind a key what it may be, where that is a short list.
function __alfisd_settings
    alfisd config-template 2>/dev/null | awk '
        /^\[/ { table = substr($1, 2, length($1) - 2) "." }
        /^$/ { choices = "" }
        /^# one of / { choices = $4 }
        /^[a-z_]+ = / {
            print table $1 "="
            if (!choices && $3 ~ /^(true|false)$/)
                choices = "true/false"
            n = split(choices, choice, "/")
            for (i = 1; i <= n; i++)
                print table $1 "=" choice[i]
        }'
end

# Of the peers, or of what the running node has banned.
function __alfisd_addresses
    alfisd $argv[1] --json 2>/dev/null | grep -o '"address":"[^"]*"' | cut -d '"' -f 4
end

# Names of the owner's keys.
function __alfisd_own_keys
    alfisd key list --json 2>/dev/null | grep -o '"name":"[^"]*","kind"' | cut -d '"' -f 4
end

function __alfisd_peers
    __alfisd_addresses peers
end

function __alfisd_hosts
    __alfisd_addresses peers | sed -e 's/^\[\(.*\)\]:[0-9]*$/\1/' -e 's/^\([0-9.]*\):[0-9]*$/\1/'
end

function __alfisd_bans
    __alfisd_addresses bans
end

function __alfisd_files
    __fish_complete_path
end

function __alfisd_folders
    __fish_complete_directories
end

# The words before the cursor, without options and their values.
function __alfisd_words
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
        else if __alfisd_valued $word
            set value yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Do so many words stand before the cursor, and do they begin with these?
function __alfisd_at
    set -l words (__alfisd_words)
    test (count $words) -eq $argv[1]; and string match -q -- "$argv[2] *" "$words "
end

# Is one of these the command before the cursor, or can it still become one?
function __alfisd_takes
    set -l words (__alfisd_words)
    for name in $argv
        if test -z "$words"; or string match -q -- "$name *" "$words "; or string match -q -- "$words *" "$name"
            return 0
        end
    end
    return 1
end

complete -c alfisd -f
# >>> from cli/commands.def, by tools/commands.py
function __alfisd_valued
    contains -- $argv[1] --config --data-dir --set --log-level --output --threads --key --to --for --zone-file --record --remove --contact --info --passphrase-fd --lock-after
end

function __alfisd_commands
    printf '%s\t%s\n' run 'run the node in the foreground (the default)'
    printf '%s\t%s\n' check-config 'tell every error in the settings; print the limits and their sum'
    printf '%s\t%s\n' config 'print every setting in force and where it came from'
    printf '%s\t%s\n' config-template 'print node.toml with every key at its default'
    printf '%s\t%s\n' metrics-reference 'print what every metric means'
    printf '%s\t%s\n' api-reference 'print what can be asked over HTTP'
    printf '%s\t%s\n' import 'a reference blockchain.db, a snapshot, or an alfis-chain file'
    printf '%s\t%s\n' export 'write a snapshot of the chain'
    printf '%s\t%s\n' verify 'check every stored block and prove that all indexes match'
    printf '%s\t%s\n' show 'read the store, also while the node runs'
    printf '%s\t%s\n' domain 'names of one\'s own, and those that one would like to have'
    printf '%s\t%s\n' status 'what the running node does and why'
    printf '%s\t%s\n' peers 'the running node\'s peers; with --all every address that it knows'
    printf '%s\t%s\n' bans 'the hosts that the running node has banned'
    printf '%s\t%s\n' limits 'the running node\'s bounds: used, peak, hits'
    printf '%s\t%s\n' events 'what happens on the running node, as it happens'
    printf '%s\t%s\n' ban 'ban an address on the running node and close its peers'
    printf '%s\t%s\n' unban 'lift a ban'
    printf '%s\t%s\n' peer 'add a peer to the running node, or forget one'
    printf '%s\t%s\n' resolve 'ask the running node\'s DNS server; exit status 1 without records'
    printf '%s\t%s\n' dns 'what the running node\'s DNS server does'
    printf '%s\t%s\n' job 'changes of names that the running node mines'
    printf '%s\t%s\n' sign 'signatures of full blocks by own keys'
    printf '%s\t%s\n' block 'bring a block, step by step, that was made off the node'
    printf '%s\t%s\n' signer 'run the key process without a node, and serve a node on another machine at signer.sock'
    printf '%s\t%s\n' key 'the owner\'s keys: make, list, unlock and so on'
    printf '%s\t%s\n' web-password 'make the hash of the password for webui.listen, a line of node.toml'
    printf '%s\t%s\n' reload 'read the settings again and apply what can be changed'
    printf '%s\t%s\n' stop 'stop the running node'
    printf '%s\t%s\n' help 'all commands and options, or those of one command'
    printf '%s\t%s\n' version 'the version; with --verbose also of every library'
end

complete -c alfisd -l config -r -F -d 'settings to read'
complete -c alfisd -l data-dir -x -a '(__alfisd_folders)' -d 'the same as --set node.data_dir=DIR'
complete -c alfisd -l set -x -a '(__alfisd_settings)' -d 'override one setting'
complete -c alfisd -l log-level -x -a 'error warn info debug' -d 'log nothing below this level'
complete -c alfisd -l json -n '__alfisd_takes "check-config" "config" "import" "export" "verify" "show chain" "show block" "show domain" "show key" "domain new" "domain set" "domain renew" "domain transfer" "domain check" "domain list" "status" "peers" "bans" "limits" "events" "ban" "unban" "peer add" "peer remove" "resolve" "dns flush" "dns show" "job list" "job show" "job cancel" "job pause" "job resume" "sign status" "sign on" "sign off" "block prepare" "block search" "block sign" "block submit" "key new" "key list" "key show" "key import" "key export" "key passphrase" "key rename" "key remove" "key unlock" "key lock" "web-password" "reload" "stop" "help"' -d 'print JSON; errors are {"error":…}'
complete -c alfisd -l watch -n '__alfisd_takes "status" "peers" "bans" "limits" "dns show" "job list" "job show" "sign status" "key list"' -d 'repeat every two seconds'
complete -c alfisd -l all -n '__alfisd_takes "check-config" "status" "peers" "bans" "limits" "dns show"' -d 'show everything'
complete -c alfisd -l check -n '__alfisd_takes "status"' -d 'one line, and a monitoring plug-in\'s exit status: 0 ok, 1 warning, 2 critical, 3 unknown'
complete -c alfisd -l once -n '__alfisd_takes "peer add"' -d 'peer add: for one connection'
complete -c alfisd -l trace -n '__alfisd_takes "resolve"' -d 'resolve: also which stages were asked, and what they said'
complete -c alfisd -l output -n '__alfisd_takes "block prepare" "block search" "block sign"' -r -F -d 'write here and leave the file that was read'
complete -c alfisd -l threads -n '__alfisd_takes "domain new" "domain set" "domain renew" "domain transfer" "block search"' -x  -d 'search with so many threads; else block search with one for each processor, the node with mining.threads'
complete -c alfisd -l key -n '__alfisd_takes "domain new" "domain set" "domain renew" "domain transfer" "domain check" "domain list" "block prepare" "block sign"' -x -a '(__alfisd_own_keys)' -d 'the name of an own key; of domain check a public key in hex, of domain list either; of block prepare an owner line, or two public keys'
complete -c alfisd -l all-keys -n '__alfisd_takes "domain list"' -d 'the names of all own keys'
complete -c alfisd -l to -n '__alfisd_takes "domain transfer" "block prepare"' -x  -d 'give it to this owner: an owner line, or two public keys'
complete -c alfisd -l for -n '__alfisd_takes "domain new" "block prepare"' -x  -d 'mine it for this owner at once: an owner line, or two public keys'
complete -c alfisd -l zone-file -n '__alfisd_takes "domain new" "domain set" "block prepare"' -r -F -d 'its records, as in a zone file (RFC 1035), relative to the name; else they stay'
complete -c alfisd -l record -n '__alfisd_takes "domain new" "domain set" "block prepare"' -x  -d 'add a record, such as \'www AAAA 200::1 3600\'; may be repeated'
complete -c alfisd -l remove -n '__alfisd_takes "domain set" "block prepare"' -x  -d 'remove records: \'www AAAA\' all of that type, \'www AAAA 200::1\' one; may be repeated'
complete -c alfisd -l contact -n '__alfisd_takes "domain new" "domain set" "block prepare"' -x  -d 'set a contact, or remove it with an empty value; may be repeated'
complete -c alfisd -l info -n '__alfisd_takes "domain new" "domain set" "block prepare"' -x  -d 'what the owner says of it; else it stays'
complete -c alfisd -l renewal -n '__alfisd_takes "domain set" "domain transfer" "block prepare"' -d 'as hard as a renewal of release 0.10, so that it shows the new date'
complete -c alfisd -l dry-run -n '__alfisd_takes "domain new" "domain set" "domain renew" "domain transfer" "block prepare" "block sign"' -d 'only show what would be done'
complete -c alfisd -l passphrase-fd -n '__alfisd_takes "block sign" "key new" "key import" "key export" "key passphrase" "key unlock" "web-password"' -x  -d 'read the passphrase from this descriptor, each from a line of its own'
complete -c alfisd -l lock-after -n '__alfisd_takes "key unlock"' -x  -d 'key unlock: lock again after this time, instead of owner.unlock_for'
complete -c alfisd -l plain -n '__alfisd_takes "key export"' -d 'key export: the reference node\'s form, with the secrets in plain'
complete -c alfisd -l no-wait -n '__alfisd_takes "domain new" "domain set" "domain renew" "domain transfer" "key new"' -d 'do not wait for the end'
complete -c alfisd -l offline -n '__alfisd_takes "run"' -d 'on a devnet: mine and sign although no peer confirms the last block; the same as --set mining.offline=true'
complete -c alfisd -l cancel -n '__alfisd_takes "key new"' -d 'key new: end the search that runs'
complete -c alfisd -l after-restore -n '__alfisd_takes "sign on"' -d 'also with keys that have blocks which the journal of signatures does not know, as after the restore of a backup; only if no other node has them'
complete -c alfisd -l yes -n '__alfisd_takes "key export" "key remove"' -d 'do not ask whether it is meant'
complete -c alfisd -l verbose -n '__alfisd_takes "version"' -d 'also the version of every library'
complete -c alfisd -l help -s h -d 'what a command takes'
complete -c alfisd -l version -s V -d 'print the version'

complete -c alfisd -n '__alfisd_at 0 ""' -a '(__alfisd_commands)'
complete -c alfisd -n '__alfisd_at 1 "show"' -a chain -d 'the chain as a whole: its height, its last block'
complete -c alfisd -n '__alfisd_at 1 "show"' -a block -d 'one block'
complete -c alfisd -n '__alfisd_at 1 "show"' -a domain -d 'a domain: who owns it, until when, its records'
complete -c alfisd -n '__alfisd_at 1 "show"' -a key -d 'what a public key has made and owns'
complete -c alfisd -n '__alfisd_at 2 "help show"' -a chain -d 'the chain as a whole: its height, its last block'
complete -c alfisd -n '__alfisd_at 2 "help show"' -a block -d 'one block'
complete -c alfisd -n '__alfisd_at 2 "help show"' -a domain -d 'a domain: who owns it, until when, its records'
complete -c alfisd -n '__alfisd_at 2 "help show"' -a key -d 'what a public key has made and owns'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a new -d 'mine a new name'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a set -d 'change what an own name has; what is not named stays'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a renew -d 'begin a new year of an own name'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a transfer -d 'give an own name to another owner'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a check -d 'may this name be mined, by whom, from when on, and at what price; status 5 when not'
complete -c alfisd -n '__alfisd_at 1 "domain"' -a list -d 'own names, or with a public key those of its owner, with their true dates'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a new -d 'mine a new name'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a set -d 'change what an own name has; what is not named stays'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a renew -d 'begin a new year of an own name'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a transfer -d 'give an own name to another owner'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a check -d 'may this name be mined, by whom, from when on, and at what price; status 5 when not'
complete -c alfisd -n '__alfisd_at 2 "help domain"' -a list -d 'own names, or with a public key those of its owner, with their true dates'
complete -c alfisd -n '__alfisd_at 1 "peer"' -a add -d 'dial this peer and keep it connected'
complete -c alfisd -n '__alfisd_at 1 "peer"' -a remove -d 'forget this peer and close its connection'
complete -c alfisd -n '__alfisd_at 2 "help peer"' -a add -d 'dial this peer and keep it connected'
complete -c alfisd -n '__alfisd_at 2 "help peer"' -a remove -d 'forget this peer and close its connection'
complete -c alfisd -n '__alfisd_at 1 "dns"' -a flush -d 'forget kept answers: all, or those for a name and below it'
complete -c alfisd -n '__alfisd_at 1 "dns"' -a show -d 'the running node\'s DNS server and its forwarders'
complete -c alfisd -n '__alfisd_at 2 "help dns"' -a flush -d 'forget kept answers: all, or those for a name and below it'
complete -c alfisd -n '__alfisd_at 2 "help dns"' -a show -d 'the running node\'s DNS server and its forwarders'
complete -c alfisd -n '__alfisd_at 1 "job"' -a list -d 'all of them'
complete -c alfisd -n '__alfisd_at 1 "job"' -a show -d 'one: what it waits for, or how far its search is'
complete -c alfisd -n '__alfisd_at 1 "job"' -a cancel -d 'end one'
complete -c alfisd -n '__alfisd_at 1 "job"' -a pause -d 'it waits until it is told to go on'
complete -c alfisd -n '__alfisd_at 1 "job"' -a resume -d 'it goes on'
complete -c alfisd -n '__alfisd_at 2 "help job"' -a list -d 'all of them'
complete -c alfisd -n '__alfisd_at 2 "help job"' -a show -d 'one: what it waits for, or how far its search is'
complete -c alfisd -n '__alfisd_at 2 "help job"' -a cancel -d 'end one'
complete -c alfisd -n '__alfisd_at 2 "help job"' -a pause -d 'it waits until it is told to go on'
complete -c alfisd -n '__alfisd_at 2 "help job"' -a resume -d 'it goes on'
complete -c alfisd -n '__alfisd_at 1 "sign"' -a status -d 'what the last full block waits for, who signs it, and what own keys missed'
complete -c alfisd -n '__alfisd_at 1 "sign"' -a on -d 'full blocks are signed, as at the start'
complete -c alfisd -n '__alfisd_at 1 "sign"' -a off -d 'nothing is signed until the node starts again'
complete -c alfisd -n '__alfisd_at 2 "help sign"' -a status -d 'what the last full block waits for, who signs it, and what own keys missed'
complete -c alfisd -n '__alfisd_at 2 "help sign"' -a on -d 'full blocks are signed, as at the start'
complete -c alfisd -n '__alfisd_at 2 "help sign"' -a off -d 'nothing is signed until the node starts again'
complete -c alfisd -n '__alfisd_at 1 "block"' -a prepare -d 'make the block of a name, new or changed, for `block search`; no secret is needed'
complete -c alfisd -n '__alfisd_at 1 "block"' -a search -d 'find the proof of work of a prepared block, on any machine'
complete -c alfisd -n '__alfisd_at 1 "block"' -a sign -d 'show a searched block, and sign it where its author\'s key is'
complete -c alfisd -n '__alfisd_at 1 "block"' -a submit -d 'give the running node a signed block'
complete -c alfisd -n '__alfisd_at 2 "help block"' -a prepare -d 'make the block of a name, new or changed, for `block search`; no secret is needed'
complete -c alfisd -n '__alfisd_at 2 "help block"' -a search -d 'find the proof of work of a prepared block, on any machine'
complete -c alfisd -n '__alfisd_at 2 "help block"' -a sign -d 'show a searched block, and sign it where its author\'s key is'
complete -c alfisd -n '__alfisd_at 2 "help block"' -a submit -d 'give the running node a signed block'
complete -c alfisd -n '__alfisd_at 1 "key"' -a new -d 'search for a new key and seal it by a passphrase'
complete -c alfisd -n '__alfisd_at 1 "key"' -a list -d 'the owner\'s keys: which are open, which are locked'
complete -c alfisd -n '__alfisd_at 1 "key"' -a show -d 'one key, and the owner line that others need of it'
complete -c alfisd -n '__alfisd_at 1 "key"' -a import -d 'take in a key: an exported file, or one of the reference node'
complete -c alfisd -n '__alfisd_at 1 "key"' -a export -d 'write a copy of a key, sealed as it is; never over a file'
complete -c alfisd -n '__alfisd_at 1 "key"' -a passphrase -d 'seal a key by another passphrase'
complete -c alfisd -n '__alfisd_at 1 "key"' -a rename -d 'give a key another name'
complete -c alfisd -n '__alfisd_at 1 "key"' -a remove -d 'forget a key; its file is kept, and the answer says where'
complete -c alfisd -n '__alfisd_at 1 "key"' -a unlock -d 'open a key, or all that the passphrase opens'
complete -c alfisd -n '__alfisd_at 1 "key"' -a lock -d 'lock a key, or all of them'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a new -d 'search for a new key and seal it by a passphrase'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a list -d 'the owner\'s keys: which are open, which are locked'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a show -d 'one key, and the owner line that others need of it'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a import -d 'take in a key: an exported file, or one of the reference node'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a export -d 'write a copy of a key, sealed as it is; never over a file'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a passphrase -d 'seal a key by another passphrase'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a rename -d 'give a key another name'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a remove -d 'forget a key; its file is kept, and the answer says where'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a unlock -d 'open a key, or all that the passphrase opens'
complete -c alfisd -n '__alfisd_at 2 "help key"' -a lock -d 'lock a key, or all of them'
complete -c alfisd -n '__alfisd_at 1 "import"' -F
complete -c alfisd -n '__alfisd_at 1 "export"' -F
complete -c alfisd -n '__alfisd_at 1 "ban"' -a '(__alfisd_hosts)'
complete -c alfisd -n '__alfisd_at 1 "unban"' -a '(__alfisd_bans)'
complete -c alfisd -n '__alfisd_at 2 "peer remove"' -a '(__alfisd_peers)'
complete -c alfisd -n '__alfisd_at 2 "resolve"' -a 'A AAAA CAA CNAME DS HTTPS MX NS PTR SOA SRV TLSA TXT'
complete -c alfisd -n '__alfisd_at 2 "block search"' -F
complete -c alfisd -n '__alfisd_at 2 "block sign"' -F
complete -c alfisd -n '__alfisd_at 2 "block submit"' -F
complete -c alfisd -n '__alfisd_at 2 "key show"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 2 "key import"' -F
complete -c alfisd -n '__alfisd_at 2 "key export"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 3 "key export"' -F
complete -c alfisd -n '__alfisd_at 2 "key passphrase"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 2 "key rename"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 2 "key remove"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 2 "key unlock"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 2 "key lock"' -a '(__alfisd_own_keys)'
complete -c alfisd -n '__alfisd_at 1 "help"' -a '(__alfisd_commands)'
# <<<
