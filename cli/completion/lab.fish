# Completion of the lab's command line for fish: ./lab completion fish | source
function __samepage_lab
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..] 2>/dev/null
end
complete -c lab -f -a '(__samepage_lab)'
