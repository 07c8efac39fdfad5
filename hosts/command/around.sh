#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel has counted on a host since it was started, before a trial and behind it: stands before
# host.sh, whose verb `carry` calls it. A line "@ WHAT" begins a part, its text is the kernel's own.

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
