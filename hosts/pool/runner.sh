#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Carries out trials on a machine that has nothing of the lab but its bundle: POSIX shell, coreutils,
# util-linux and gzip. A trial's definition says what boots; the result is one file, and is there whole
# or not at all.
#
#   runner.sh trials PLACE RUN TASK    those whose keys TASK lists, with a folder that all nodes see:
#                                      PLACE/parts, and PLACE/runs/RUN with trials/KEY, results/KEY,
#                                      taken/KEY, locks/KEY, live/KEY
#   runner.sh one PLACE NODE           the trial whose definition comes on standard input, with a line "end"
#                                      behind it; records as they appear and then the result go to
#                                      standard output, and "#" while there are none
#   runner.sh probe                    what this machine is
#
# A key is a trial's identity, with ".check" behind it for its repetition.
#
# A definition, a line each: "image PATH", "show PATH", "room_mib N", "cpu_s N", "program PATH",
# "argument WORD", "plan BASE64", "rest BASE64". @PLACE@ and @HERE@ are the folders that they name.
# A result: "samepage-result 1", "node", "job", "exit", "state", "bytes", "sha256", "wall_s", then
# "console", "emulator" and "records", gzip in base64, and "end".
set -eu
umask 022
export LC_ALL=C TZ=UTC
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin

# A lock whose owner has not said for so long that it lives is nobody's. It says so every few seconds.
stale_s=120
tick_s=0.2
looks=10
# For one that nobody ends. How long it may take is a matter of its own CPU time: cpu_s.
wall_limit_s=2592000

tools=${0%/*}
here=
box=
lock=
running=

end() {
	[ -z "$running" ] || kill -TERM "$running" 2>/dev/null || :
	[ -z "$here" ] || rm -rf "$here"
	[ -z "$lock" ] || rm -rf "$lock"
}
trap end EXIT
trap 'trap - TERM PIPE; end; exit 143' TERM INT HUP PIPE

say() {
	printf '%s\n' "$*" >&2
}

# Bytes of records so far and the state of the agent, of the header: see agent/record.c.
header() {
	# shellcheck disable=SC2046 # two numbers
	set -- $(od -An -v -tu8 -j8 -N16 "$box/output" 2>/dev/null)
	length=${1:-0} state=${2:-0}
	[ "$(head -c 8 "$box/output" | tr -d '\0')" = SAMEPAGE ] || length=0
}

# The records that have come since the last time go to descriptor 4.
news() {
	header
	if [ "$length" -gt "$told" ]; then
		tail -c "+$((4097 + told))" "$box/output" | head -c "$((length - told))" >&4 || :
		told=$length
	elif [ -z "$lock" ]; then
		echo "#" >&4
	fi
}

packed() { # NAME FILE
	printf '%s ' "$1"
	if [ -f "$2" ]; then gzip -nc "$2"; else printf '' | gzip -nc; fi | base64 -w0
	printf '\n'
}

# What a definition says, as files in $here, a folder of this machine, and the emulator's own, $box.
unpack() { # PLACE DEFINITION
	here=$(mktemp -d "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/samepage.XXXXXX") || return
	box=$here/box
	mkdir "$box" && : >"$here/show" && : >"$here/arguments" || return
	while IFS=' ' read -r name value; do
		case $value in
		*@*) value=$(printf '%s\n' "$value" | sed "s|@PLACE@|$1|g; s|@HERE@|$box|g") ;;
		esac
		case $name in
		program | image | room_mib | cpu_s) printf '%s\n' "$value" >"$here/$name" ;;
		show) printf '%s\n' "$value" >>"$here/show" ;;
		argument) printf '%s\n' "$value" >>"$here/arguments" ;;
		plan) printf '%s' "$value" | base64 -d >"$here/plan.cpio" ;;
		rest) printf '%s' "$value" | base64 -d >"$box/plan" ;;
		esac || return
	done <"$2"
	cat "$(cat "$here/image")" "$here/plan.cpio" >"$box/initrd.cpio" || return
	room_mib=$(cat "$here/room_mib")
	fallocate -l "${room_mib}M" "$box/output" 2>/dev/null ||
		dd if=/dev/zero of="$box/output" bs=1M count="$room_mib" 2>/dev/null
}

# Boots it, and leaves its result in $here/result. Status 75 says nothing of the trial.
boot() { # PLACE DEFINITION NODE
	if ! unpack "$1" "$2"; then
		say "cannot make ready what boots: no room in ${here:-${TMPDIR:-/tmp}}, or a part is missing"
		return 75
	fi
	node=$3
	program=$(cat "$here/program")
	set --
	while IFS= read -r word; do set -- "$@" "$word"; done <"$here/arguments"
	if sh "$tools/cage.sh" probe 2>/dev/null; then
		set -- -- "$program" "$@"
		while IFS= read -r word; do set -- "$word" "$@"; done <"$here/show"
		set -- enter "$box" "$program" "$@"
	else
		set -- bare "$program" "$@"
	fi
	began=$(date +%s)
	told=0
	setpriv --pdeathsig TERM -- timeout --kill-after 5 "$wall_limit_s" \
		prlimit --cpu="$(cat "$here/cpu_s")" -- sh "$tools/cage.sh" "$@" \
		>"$here/emulator" 2>&1 </dev/null 4>&- &
	running=$!
	ticks=0
	while kill -0 "$running" 2>/dev/null; do
		if [ "$((ticks % looks))" = 0 ]; then
			[ -z "$lock" ] || : >"$lock/alive"
			news
		fi
		ticks=$((ticks + 1))
		sleep "$tick_s"
	done
	status=0
	wait "$running" || status=$?
	running=
	news
	if [ "$status" -gt 128 ]; then
		say "the emulator was ended by signal $((status - 128))"
		return 75
	fi
	tail -c +4097 "$box/output" | head -c "$length" >"$here/records" || return 75
	{
		echo "samepage-result 1"
		echo "node $node"
		echo "job ${SLURM_JOB_ID:-none}"
		echo "exit $status"
		echo "state $state"
		echo "bytes $length"
		echo "sha256 $(sha256sum <"$here/records" | cut -d' ' -f1)"
		echo "wall_s $(($(date +%s) - began))"
		packed console "$box/console"
		packed emulator "$here/emulator"
		packed records "$here/records"
		echo "end"
	} >"$here/result" || return 75
}

# Seconds since somebody was heard of, by the clock of the shared folder alone.
silence_s() { # FILE
	: >"$1.$$" 2>/dev/null || return 1
	now=$(stat -c %Y "$1.$$")
	rm -f "$1.$$"
	then=$(stat -c %Y "$1" 2>/dev/null) || return 1
	echo $((now - then))
}

# Waits until this trial is ours; not, once it is done.
take() { # RUN-FOLDER KEY
	while :; do
		if [ -e "$1/results/$2" ] || [ -e "$1/taken/$2" ]; then return 1; fi
		if mkdir "$1/locks/$2" 2>/dev/null; then
			lock=$1/locks/$2
			echo "${SLURM_JOB_ID:-none} ${SLURMD_NODENAME:-$(uname -n)} $$" >"$lock/owner"
			: >"$lock/alive"
			return 0
		fi
		if [ ! -d "$1/locks/$2" ]; then
			say "cannot write to $1"
			exit 75
		fi
		if silent=$(silence_s "$1/locks/$2/alive") && [ "$silent" -gt "$stale_s" ]; then
			# A rename has one winner.
			mv -T "$1/locks/$2" "$1/locks/.$2.$$" 2>/dev/null && rm -rf "$1/locks/.$2.$$"
			continue
		fi
		sleep 2
	done
}

# The result of a trial, for all to see at once.
publish() { # RUN-FOLDER KEY
	draft=$1/results/.$2.$(uname -n).$$
	if cp "$here/result" "$draft" && sync "$draft" && mv -T "$draft" "$1/results/$2"; then return 0; fi
	rm -f "$draft"
	say "cannot write to $1/results"
	return 75
}

case ${1-} in
probe)
	memory_kib=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	echo "samepage-probe $(uname -s) $(uname -m) $(nproc) $((memory_kib / 1024)) $(uname -n)"
	;;
one)
	definition=$(mktemp "${TMPDIR:-/tmp}/samepage.XXXXXX")
	while IFS= read -r line && [ "$line" != end ]; do printf '%s\n' "$line"; done >"$definition"
	exec 4>&1
	status=0
	boot "$2" "$definition" "$3" || status=$?
	rm -f "$definition"
	[ "$status" = 0 ] || exit "$status"
	cat "$here/result"
	;;
trials)
	folder=$2/runs/$3
	node=${SLURMD_NODENAME:-$(uname -n)}
	say "begin ${SLURM_JOB_ID:-none} on $node, restarts ${SLURM_RESTART_COUNT:-0}"
	worst=0
	while IFS= read -r key; do
		take "$folder" "$key" || continue
		exec 4>"$folder/live/$key"
		status=0
		boot "$2" "$folder/trials/${key%.check}" "$node" || status=$?
		exec 4>&-
		[ "$status" != 0 ] || publish "$folder" "$key" || status=$?
		rm -rf "$folder/live/$key" "$here" "$lock"
		here='' lock=''
		[ "$status" = 0 ] || worst=$status
	done <"$4"
	exit "$worst"
	;;
*)
	say "see the head of $0"
	exit 2
	;;
esac
