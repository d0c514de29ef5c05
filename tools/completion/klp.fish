# SPDX-License-Identifier: GPL-2.0-or-later
# fish: commands and options of klp-build, klp-apply, klp-repo and klp-update, as their own --help tells them.
set -l tool (status basename | string replace .fish '')

complete -c $tool -n __fish_use_subcommand -f \
	-a "($tool --help 2> /dev/null | sed -nE 's/^  ([a-z][a-z-]*) +([^ ].*)/\1\t\2/p')"
# Of the command that was given, too, where it has a help of its own; klp-repo log has no others.
complete -c $tool -f -n 'string match -q -- "-*" (commandline -ct)' \
	-a "(set -l c (commandline -opc)[2]; begin; test \"$tool \$c\" = 'klp-repo log'; or $tool --help; test \"$tool \$c\" != 'klp-repo log' -a $tool != klp-build; or $tool \$c --help; end 2> /dev/null | grep -oE -- '(^|[ ,])--[a-z][a-z-]*' | tr -d ' ,' | sort -u)"
