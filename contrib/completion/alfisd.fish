# Completion of alfisd for fish. Commands and settings are asked of the program itself.

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

function __alfisd_keys
    alfisd config-template 2>/dev/null | awk '
        /^\[/ { table = substr($1, 2, length($1) - 2) "." }
        /^[a-z_]+ = / { print table $1 "=" }'
end

complete -c alfisd -f
complete -c alfisd -l config -r -F -d 'settings to read'
complete -c alfisd -l data-dir -x -a '(__fish_complete_directories)' -d 'the same as --set node.data_dir'
complete -c alfisd -l set -x -a '(__alfisd_keys)' -d 'override one setting'
complete -c alfisd -l log-level -x -a 'error warn info debug' -d 'the least important lines'
complete -c alfisd -l json -d 'machine-readable output'
complete -c alfisd -l watch -d 'again every two seconds'
complete -c alfisd -l all -d 'everything there is'
complete -c alfisd -l help -d 'commands and options'
complete -c alfisd -l version -d 'the version'
complete -c alfisd -l verbose -d 'with --version: every library'

complete -c alfisd -n __fish_use_subcommand -a '(__alfisd_commands)'
complete -c alfisd -n '__fish_seen_subcommand_from import export' -F
complete -c alfisd -n '__fish_seen_subcommand_from show' -a 'chain block domain key'
complete -c alfisd -n '__fish_seen_subcommand_from peer' -a 'add remove'
