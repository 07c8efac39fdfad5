#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Carries out the trials of this pack again and compares their records with those in trials/, byte
# by byte. Needs Linux on x86-64, a POSIX shell and GNU coreutils; no root, no network, no
# virtualization, nothing to build or install.
#
#   ./reproduce                  all trials, one after the other
#   ./reproduce --sample N       N of them, evenly spread
#   ./reproduce --list           their names
#   ./reproduce TRIAL...         these
#
# Exit status: 0 all the same, 1 something differs, 2 bad usage or a machine that cannot do it.
set -eu
export LC_ALL=C

header_bytes=4096 # before the records: "SAMEPAGE", their length, 1 for done
limit_s=7200      # of one trial

die() {
	printf '%s\n' "$1" >&2
	exit 2
}

case $0 in
*/*) pack=$(CDPATH='' cd -- "${0%/*}" && pwd -P) ;;
*) pack=$(pwd -P) ;;
esac
table=$pack/replay/trials.tsv
tab=$(printf '\t')
sample=
chosen=
while [ $# -gt 0 ]; do
	case $1 in
	--list)
		cut -f 1 "$table"
		exit 0
		;;
	--sample)
		[ $# -gt 1 ] || die "--sample needs a number"
		sample=$2
		shift
		;;
	--sample=*) sample=${1#*=} ;;
	-*) die "Cannot use \"$1\". Usage: ./reproduce [--list] [--sample N] [TRIAL...]" ;;
	*)
		cut -f 1 "$table" | grep -Fqx -e "$1" || die "There is no trial \"$1\"; ./reproduce --list names them"
		chosen="$chosen $1"
		;;
	esac
	shift
done
case $sample in
'') ;;
*[!0-9]* | 0) die "Cannot use --sample $sample: not a whole number above 0" ;;
esac

[ "$(uname -sm)" = "Linux x86_64" ] || die "The binaries are for Linux on x86-64, this is $(uname -sm)"
for program in od sha256sum truncate timeout head tail cut cat mktemp; do
	command -v "$program" >/dev/null 2>&1 || die "Missing: $program (GNU coreutils)"
done

echo "Checking the digests of all files"
(cd "$pack" && sha256sum --quiet --strict --check SHA256SUMS) || die "This pack is damaged: see above"

work=$(cd -- "$(mktemp -d "${TMPDIR:-/tmp}/reproduce.XXXXXX")" && pwd -P)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# The emulator sees what is its own and nothing else, where the machine can do that: see the script cage.
if sh "$pack/cage" probe >/dev/null 2>&1; then
	caged=yes
elif [ "$(id -u)" = 0 ]; then
	die "This machine has no namespaces to keep the emulator in: run ./reproduce as an ordinary user"
else
	caged=no
	echo "This machine has no namespaces: the emulator can see the files that you can, and the network"
fi

emulate() { # ARGUMENT...
	emulator=$pack/binaries/emulator/qemu-system-x86_64
	if [ "$caged" = yes ]; then
		set -- sh "$pack/cage" enter "$work" "$pack/binaries" -- "$emulator" "$@"
	else
		set -- "$emulator" "$@"
	fi
	cd "$work" && exec timeout "$limit_s" "$@"
}

# What the header says at an offset: 64 bits, the lowest byte first.
header() { # OFFSET
	od -A n -t u8 --endian=little -j "$1" -N 8 "$work/output" | tr -d ' '
}

# The first line in which the records differ, as it was and as it is.
show_difference() { # TRIAL
	line=1
	while IFS= read -r now <&3; do
		IFS= read -r before <&4 || before='(nothing)'
		if [ "$now" != "$before" ]; then
			printf '  line %s was: %s\n  line %s is:  %s\n' "$line" "$before" "$line" "$now"
			return
		fi
		line=$((line + 1))
	done 3<"$work/records" 4<"$pack/trials/$1.jsonl"
	printf '  there are fewer lines: %s\n' "$((line - 1))"
}

carry_out() { # TRIAL DIGEST IMAGE OUTPUT_MIB
	rm -f "$work/output" "$work/console" "$work/initrd.cpio" "$work/binaries"
	ln -s "$pack/binaries" "$work/binaries" # paths in the arguments begin there
	cat "$pack/$3" "$pack/replay/$1/plan.cpio" >"$work/initrd.cpio"
	cp "$pack/replay/$1/plan" "$work/plan"
	truncate -s "${4}M" "$work/output"
	set -- "$1" "$2" # the emulator's arguments follow these two
	while IFS= read -r argument; do
		set -- "$@" "$argument"
	done <"$pack/replay/$1/arguments"
	trial=$1
	digest=$2
	shift 2
	(emulate "$@") >"$work/emulator.log" 2>&1 </dev/null || {
		printf '%s: FAILED: the emulator ended with status %s\n' "$trial" "$?"
		tail -n 5 "$work/emulator.log"
		return 1
	}
	if [ "$(head -c 8 "$work/output" | tr -d '\0')" != SAMEPAGE ] || [ "$(header 16)" != 1 ]; then
		printf '%s: FAILED: the host did not finish\n' "$trial"
		tail -n 5 "$work/console"
		return 1
	fi
	tail -c "+$((header_bytes + 1))" "$work/output" | head -c "$(header 8)" >"$work/records"
	found=$(sha256sum <"$work/records")
	if [ "${found%% *}" = "$digest" ]; then
		printf '%s: the same (%s)\n' "$trial" "$digest"
		return 0
	fi
	printf '%s: DIFFERS: %s, not %s\n' "$trial" "${found%% *}" "$digest"
	show_difference "$trial"
	return 1
}

total=$(($(wc -l <"$table")))
[ -n "$sample" ] && [ "$sample" -lt "$total" ] || sample=$total
same=0
different=0
at=0
taken=0
while IFS=$tab read -r trial digest image output_mib <&5; do
	wanted=no
	if [ -n "$chosen" ]; then
		case " $chosen " in *" $trial "*) wanted=yes ;; esac
	elif [ "$at" -eq $((taken * total / sample)) ] && [ "$taken" -lt "$sample" ]; then
		wanted=yes
		taken=$((taken + 1))
	fi
	at=$((at + 1))
	[ "$wanted" = yes ] || continue
	if carry_out "$trial" "$digest" "$image" "$output_mib"; then
		same=$((same + 1))
	else
		different=$((different + 1))
	fi
done 5<"$table"

printf '%s the same, %s different\n' "$same" "$different"
[ "$different" -eq 0 ]
