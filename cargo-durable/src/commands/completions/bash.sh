# Completes `cargo-durable …`, and `cargo durable …` beside cargo's own completion. For ~/.bashrc, after
# whatever completes cargo there:  source <(cargo-durable completions bash)

# Completes the words from the one at $1 on; $2 is the current one up to the cursor.
_cargo_durable_from() {
    local IFS=$'\n' from=$1
    local words=("${COMP_WORDS[@]:from:COMP_CWORD-from}" "$2")
    COMPREPLY=($(command cargo-durable __complete bash -- "${words[@]}" 2>/dev/null))
    # Where there is nothing to offer, files are.
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o bashdefault -o default 2>/dev/null
    fi
}

_cargo_durable() {
    _cargo_durable_from 0 "$2"
}

_cargo_or_durable() {
    local at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
            [+-]*) ;;
            durable)
                _cargo_durable_from "$at" "$2"
                return
                ;;
            *) break ;;
        esac
    done
    # What completes cargo may not be loaded yet: it is as soon as nothing else is in its place.
    if [[ -z ${_cargo_durable_others-} ]]; then
        complete -r cargo
        if declare -F _comp_load >/dev/null; then
            _comp_load cargo
        elif declare -F _completion_loader >/dev/null; then
            _completion_loader cargo
        fi
        _cargo_durable_register
    fi
    if [[ -n ${_cargo_durable_others-} ]]; then
        "$_cargo_durable_others" "$@"
    else
        compopt -o bashdefault -o default 2>/dev/null
    fi
}

# Stands in front of the function that completes cargo; what is no function is left as it is.
_cargo_durable_register() {
    local spec
    spec=$(complete -p cargo 2>/dev/null)
    case $spec in
        *'-F _cargo_or_durable '*) ;;
        *'-F '*)
            _cargo_durable_others=${spec#*-F }
            _cargo_durable_others=${_cargo_durable_others%% *}
            eval "${spec/-F $_cargo_durable_others /-F _cargo_or_durable }"
            ;;
        '') complete -F _cargo_or_durable cargo ;;
    esac
}

complete -F _cargo_durable cargo-durable
_cargo_durable_register
