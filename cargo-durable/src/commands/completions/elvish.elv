# Completes `cargo-durable …`, and `cargo durable …` beside what completes cargo. In rc.elv, after
# whatever completes cargo there:  eval (cargo-durable completions elvish | slurp)

fn cargo-durable-words {|@words|
    var found = [(try { e:cargo-durable __complete elvish -- $@words 2>/dev/null | from-lines } catch { nop })]
    if (== (count $found) 0) {
        edit:complete-filename $@words
    } else {
        put $@found
    }
}
set edit:completion:arg-completer[cargo-durable] = $cargo-durable-words~

var cargo-durable-others~ = $edit:complete-filename~
if (has-key $edit:completion:arg-completer cargo) {
    set cargo-durable-others~ = $edit:completion:arg-completer[cargo]
}
set edit:completion:arg-completer[cargo] = {|@words|
    if (and (> (count $words) 2) (eq $words[1] durable)) {
        cargo-durable-words (all $words[1..])
    } else {
        cargo-durable-others $@words
    }
}
