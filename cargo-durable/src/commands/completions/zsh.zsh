#compdef cargo-durable
# Completes `cargo-durable …`, and `cargo durable …`, for which cargo's own completion calls
# `_cargo-durable`. A file `_cargo-durable` in a folder of $fpath, or in ~/.zshrc after `compinit`:
#   source <(cargo-durable completions zsh)

_cargo-durable() {
    local -a found
    found=("${(@f)$(command cargo-durable __complete zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    if [[ -n $found ]]; then
        _describe -V 'cargo durable' found
    else
        _files
    fi
}

# Only where nothing else completes cargo.
_cargo-durable-alone() {
    if (( CURRENT > 2 )) && [[ ${words[2]} == durable ]]; then
        shift words
        (( CURRENT-- ))
        _cargo-durable
    else
        _default
    fi
}

if [[ ${funcstack[1]} == _cargo-durable ]]; then
    _cargo-durable "$@"
else
    compdef _cargo-durable cargo-durable
    (( ${+_comps[cargo]} )) || compdef _cargo-durable-alone cargo
fi
