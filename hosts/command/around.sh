#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel has counted on a host since it was started, before a trial and behind it: stands before
# host.sh, whose verb `carry` calls it; and what single operations cost there. A line "@ WHAT" begins a part, its text is the kernel's own.
# shellcheck disable=SC2154 # host.sh assigns $kept

# So that a median holds, and an emulated machine has done it in seconds.
primitives_rounds=1000
primitives_s=60

around() {
	echo '@ stat'
	grep '^cpu[0-9]' /proc/stat
	# Only Intel's processors count it.
	echo '@ throttled'
	for of in core package; do
		for file in /sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/"$of"_throttle_count; do
			test -r "$file" || continue
			number=${file#*/cpu/cpu}
			echo "$of ${number%%/*} $(cat "$file")"
		done
	done
	echo '@ ksm'
	grep -s . /sys/kernel/mm/ksm/pages_shared /sys/kernel/mm/ksm/pages_sharing | sed 's,^.*/,,'
	echo '@ merging'
	# At both ends no process of the trial's is there.
	cat /proc/[0-9]*/ksm_merging_pages 2>/dev/null || :
	echo '@ ksmd'
	for id in $(pgrep -x ksmd || :); do
		cat "/proc/$id/schedstat" 2>/dev/null || echo
		sed 's/^.*) //' "/proc/$id/stat"
	done
	echo '@ vmstat'
	cat /proc/vmstat
	echo '@ interrupts'
	cat /proc/interrupts
	echo '@ whole'
}

# What single operations cost on the trial's first CPU, with another one beside it: one of the trial's, or
# else another core. Where there is only one, or the program cannot do it, that is not said.
primitives() { # BUNDLE CPUS CORES
	first=${2%%,*}
	for other in $(echo "$2" | tr , ' ') $3; do
		test "$other" != "$first" || continue
		echo '@ primitives'
		timeout "$primitives_s" "$kept/bundles/$1/primitives" "$first" "$other" "$primitives_rounds" || :
		return 0
	done
}
