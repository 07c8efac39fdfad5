#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What is changed on a host for a trial, and put back: stands between around.sh and host.sh, whose words it
# uses.
# shellcheck disable=SC2154 # host.sh assigns them

thp=/sys/kernel/mm/transparent_hugepage

# The files that somebody changes for a trial, the lab or the agent.
changed_files() {
	for name in pages_to_scan sleep_millisecs use_zero_pages max_page_sharing merge_across_nodes \
		smart_scan advisor_mode run; do
		echo "$ksm/$name"
	done
	echo "$thp/enabled"
	echo "$cpu"/smt/control
	echo "$cpu"/cpufreq/boost
	echo "$cpu"/intel_pstate/no_turbo
	for file in "$cpu"/cpu[0-9]*/cpufreq/scaling_governor; do echo "$file"; done
	for name in numa_balancing watchdog nmi_watchdog soft_watchdog; do
		echo /proc/sys/kernel/$name
	done
	echo /sys/module/kvm/parameters/change_pte
}

services="ksmtuned ksm"

# The slices of everybody else, who can be kept away from some CPUs.
others() {
	can_isolate || return 0
	systemctl list-units --type=slice --state=active --plain --no-legend | sed -n 's/^\([a-z]*\.slice\) .*/\1/p' |
		grep -v -x "$slice_of_trials" || :
}

can_isolate() {
	test -d /run/systemd/system && grep -q -w cpuset /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

# Each slice that is written down gets the CPUs that the trial does not have, if there are any.
isolate() {
	left=
	for one in "$cpu"/cpu[0-9]*; do
		n=${one##*/cpu}
		case ",$1," in *",$n,"*) continue ;; esac
		if test "$(value_of "$one/online")" != 0; then left="$left $n"; fi
	done
	test -n "$left" || return 0
	sed -n 's/^allowed \([^ ]*\).*/\1/p' "$saved" | while read -r slice; do
		systemctl set-property --runtime "$slice" "AllowedCPUs=${left# }" </dev/null || :
	done
}

save() {
	test -e "$saved" && return
	mkdir -p "$kept"
	{
		echo "boot $(cat /proc/sys/kernel/random/boot_id)"
		echo "trial $1"
		changed_files | while read -r file; do
			if test -w "$file"; then echo "file $file $(value_of "$file")"; fi
		done
		ksmd=$(pgrep -x ksmd || :)
		if test -n "$ksmd"; then
			echo "affinity $ksmd $(taskset -pc "$ksmd" | sed 's/.*: //')"
		fi
		for service in $services; do
			if systemctl is-active --quiet "$service" 2>/dev/null; then echo "service $service"; fi
		done
		for slice in $(others); do
			echo "allowed $slice $(systemctl show --property=AllowedCPUs --value "$slice")"
		done
	} >"$saved.part"
	sync "$saved.part"
	mv "$saved.part" "$saved"
	sync "$kept"
}

# A file that is not there, or will not have it, is not the trial's business.
set_if_there() {
	if test -w "$1"; then printf '%s' "$2" >"$1" 2>/dev/null || :; fi
}

quieten() {
	for service in $services; do
		if grep -q "^service $service$" "$saved"; then systemctl stop "$service"; fi
	done
	if test "$(value_of "$cpu/smt/control")" = on; then set_if_there "$cpu/smt/control" off; fi
	set_if_there "$cpu/cpufreq/boost" 0
	set_if_there "$cpu/intel_pstate/no_turbo" 1
	for file in "$cpu"/cpu[0-9]*/cpufreq/scaling_governor; do set_if_there "$file" performance; done
	set_if_there /proc/sys/kernel/numa_balancing 0
	set_if_there /proc/sys/kernel/watchdog 0
	ksmd=$(pgrep -x ksmd || :)
	if test -n "$ksmd"; then taskset -pc "$1" "$ksmd" >/dev/null; fi
	isolate "$1"
}

# What the agent has the kernel count by. Nobody else traced when the trial began.
stop_tracing() {
	test -d "$tracing/events" || return 0
	for event in kvm/kvm_exit kvm/kvm_entry kvm/kvm_page_fault tlb/tlb_flush lab/write_lock lab/read_lock \
		synthetic/lab_exit; do
		# A trigger that another one's variables belong to goes behind that.
		for _ in 1 2; do
			if test -e "$tracing/events/$event/trigger"; then
				: 2>/dev/null >"$tracing/events/$event/trigger" || :
			fi
		done
	done
	if test -d "$tracing/instances/samepage"; then rmdir "$tracing/instances/samepage" || :; fi
	if grep -q lab_exit "$tracing/synthetic_events" 2>/dev/null; then
		: 2>/dev/null >"$tracing/synthetic_events" || :
	fi
	: 2>/dev/null >"$tracing/kprobe_events" || :
}

# Puts back what stands in $saved, and says what could not be. Done twice it does nothing.
restore() {
	test -e "$saved" || return 0
	# By the time that systemd closes a trial the next one may have begun.
	if test -n "${1-}" && ! grep -q -x "trial $1" "$saved"; then return 0; fi
	if ! grep -q -x "boot $(cat /proc/sys/kernel/random/boot_id)" "$saved"; then
		say restarted "the machine was started anew since, which puts everything back"
		rm -f "$saved"
		return 0
	fi
	stop_tracing
	# Nothing may be merged while max_page_sharing changes.
	if test -w "$ksm/run"; then echo 2 >"$ksm/run"; fi
	while read -r kind what value; do
		case $kind in
		file)
			test "$(value_of "$what")" = "$value" && continue
			printf '%s' "$value" >"$what" 2>/dev/null || say failed "$what"
			;;
		affinity) taskset -pc "$value" "$what" >/dev/null || say failed "affinity of ksmd" ;;
		service) systemctl start "$what" </dev/null || say failed "$what" ;;
		allowed) systemctl set-property --runtime "$what" "AllowedCPUs=$value" </dev/null || say failed "CPUs of $what" ;;
		esac
	done <"$saved"
	rm -f "$saved"
	sync "$kept"
}
