# SPDX-License-Identifier: GPL-2.0-or-later
# bash: commands and options of klp-build, klp-apply, klp-repo and klp-update, as their own --help tells them.

# The words of a command's help: commands are indented by two, options start with a dash.
_klp_words() {
	case $2 in
	commands) "$1" ${3:+"$3"} --help 2> /dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' ;;
	# klp-repo log has options of its own, a command of klp-build some beside the common ones.
	options) case "$1 $3" in
		"klp-repo log") "$1" log --help ;;
		klp-build\ ?*) "$1" --help; "$1" "$3" --help ;;
		*) "$1" --help ;;
		esac 2> /dev/null |
		grep -oE -- '(^|[ ,])--[a-z][a-z-]*' | tr -d ' ,' | sort -u ;;
	esac
}

_klp() {
	local tool=${COMP_WORDS[0]##*/} cur=${COMP_WORDS[COMP_CWORD]} word command=
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in -*) ;; *) command=$word; break ;; esac
	done
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(_klp_words "$tool" options "$command")" -- "$cur") ;;
	*)
		if [ -z "$command" ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_klp_words "$tool" commands)" -- "$cur")
		elif [ "$tool $command ${COMP_WORDS[COMP_CWORD-1]}" = "klp-repo log log" ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_klp_words "$tool" commands log)" -- "$cur")
		elif [ "$tool $command" = "klp-apply revert" ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(klp-apply list 2> /dev/null | cut -d ' ' -f 1)" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi ;;
	esac
}
complete -o filenames -F _klp klp-build klp-apply klp-repo klp-update
