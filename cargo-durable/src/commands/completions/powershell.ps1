# Completes `cargo-durable …`. What completes `cargo` is left alone: PowerShell does not tell what that
# is, so nothing could stand beside it. In $PROFILE:
#   cargo-durable completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName cargo-durable -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    # Some versions do not hand over an empty word.
    $words += $(if ($wordToComplete) { $wordToComplete } else { '""' })
    cargo-durable __complete powershell -- @words 2>$null | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
    }
}
