# Completes `cargo-durable …`, and `cargo durable …` beside fish's own completion of cargo. A file
# cargo-durable.fish in ~/.config/fish/conf.d, or in config.fish:
#   cargo-durable completions fish | source

# Whether `durable` is the subcommand that cargo was asked for.
function __cargo_durable_is_asked
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    for word in $words[2..-1]
        string match --quiet --regex '^[+-]' -- $word; and continue
        test $word = durable
        return
    end
    return 1
end

function __cargo_durable_complete
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    if __cargo_durable_is_asked
        set words $words[(contains --index -- durable $words)..-1]
    end
    set -l found (command cargo-durable __complete fish -- $words "$current" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end

complete --command cargo-durable --keep-order --no-files --arguments '(__cargo_durable_complete)'
complete --command cargo --condition __cargo_durable_is_asked --keep-order --no-files --arguments '(__cargo_durable_complete)'
