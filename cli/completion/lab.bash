# Completion of the lab's command line for bash: eval "$(./lab completion bash)"
_samepage_lab() {
	local line=${COMP_LINE:0:COMP_POINT} word before=
	local -a words
	# Bash takes words apart at "=": the line is taken apart anew, and what it takes off is cut off.
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=("")
	word=${words[${#words[@]} - 1]}
	[[ $word != *=* ]] || before=${word%"${word##*=}"}
	COMPREPLY=()
	while IFS=$'\t' read -r word _; do
		[[ -z $word ]] || COMPREPLY+=("${word#"$before"}")
	done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}
complete -o default -F _samepage_lab lab
