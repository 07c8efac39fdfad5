# Completion of the lab's command line for zsh, after compinit: eval "$(./lab completion zsh)"
_samepage_lab() {
	local line word
	local -a plain open
	for line in "${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		word=${line%%$'\t'*}
		[[ -n $word ]] || continue
		# What ends in "=" is to be gone on with.
		if [[ $word == *= ]]; then open+=("$word"); else plain+=("$word"); fi
	done
	(( ${#open} )) && compadd -S '' -a open
	(( ${#plain} )) && compadd -a plain
	(( ${#open} + ${#plain} )) || _files
}
compdef _samepage_lab lab
