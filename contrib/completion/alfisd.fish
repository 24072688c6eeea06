# Completion of alfisd for fish. Commands and settings are asked of the program itself, addresses of
# the running node.

function __alfisd_commands
    alfisd --help 2>/dev/null | awk '
        /^commands:/ { on = 1; next }
        /^$/ { on = 0 }
        on && /^  [a-z]/ {
            if (name) print name "\t" text
            name = $1
            text = split($0, part, /  +/) > 2 ? part[3] : ""
            next
        }
        on { sub(/^ +/, ""); text = $0 }
        END { if (name) print name "\t" text }'
end

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

function __alfisd_hosts
    __alfisd_addresses peers | sed -e 's/^\[\(.*\)\]:[0-9]*$/\1/' -e 's/^\([0-9.]*\):[0-9]*$/\1/'
end

# Are these the words before the cursor, without options and their values?
function __alfisd_after
    set -l words
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
        else if contains -- $word --config --data-dir --set --log-level
            set value yes
        else if not string match -q -- '-*' $word
            set -a words $word
        end
    end
    test "$words" = "$argv"
end

complete -c alfisd -f
complete -c alfisd -l config -r -F -d 'settings to read'
complete -c alfisd -l data-dir -x -a '(__fish_complete_directories)' -d 'the same as --set node.data_dir'
complete -c alfisd -l set -x -a '(__alfisd_settings)' -d 'override one setting'
complete -c alfisd -l log-level -x -a 'error warn info debug' -d 'the least important lines'
complete -c alfisd -l json -d 'print JSON'
complete -c alfisd -l watch -d 'repeat every two seconds'
complete -c alfisd -l all -d 'show everything'
complete -c alfisd -l check -d 'exit status as of a monitoring plug-in'
complete -c alfisd -l once -d 'peer add: for one connection'
complete -c alfisd -l help -d 'commands and options'
complete -c alfisd -l version -d 'the version'
complete -c alfisd -l verbose -d 'with --version: every library'

complete -c alfisd -n __alfisd_after -a '(__alfisd_commands)'
complete -c alfisd -n '__alfisd_after help' -a '(__alfisd_commands)'
complete -c alfisd -n '__alfisd_after import; or __alfisd_after export' -F
complete -c alfisd -n '__alfisd_after show' -a 'chain block domain key'
complete -c alfisd -n '__alfisd_after peer' -a 'add remove'
complete -c alfisd -n '__alfisd_after peer remove' -a '(__alfisd_addresses peers)'
complete -c alfisd -n '__alfisd_after ban' -a '(__alfisd_hosts)'
complete -c alfisd -n '__alfisd_after unban' -a '(__alfisd_addresses bans)'
