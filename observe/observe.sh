#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Looks at a hypervisor whose guests others run, for a while: sh -s -- SECONDS EVERY TRACE MOST_EXITS
# Reads, and writes to nothing but a tracing instance of its own, which is removed at the end, whatever the end is.
# What it says: lines "@ WHAT ..." begin a part, lines below belong to it. A lone "." says that it is alive.
set -u
export LC_ALL=C
seconds=$1 every=$2 trace=$3 most_exits=$4
instance=
tracing=
watchdog=
napping=

# What removes $instance, for this shell and for the one that looks after it. Triggers go before: they hold it.
# shellcheck disable=SC2016 # the shell that evaluates it expands it
removal='
for trigger in "$instance"/events/kvm/*/trigger; do
	sed -n "/^hist:/s/ \\[.*//p" "$trigger" | while read -r hist; do echo "!$hist" >"$trigger"; done
done
echo 0 >"$instance/events/enable"
rmdir "$instance"'

remove_instance() {
	[ -n "$instance" ] && [ -d "$instance" ] || return 0
	eval "$removal"
} 2>/dev/null

ended() {
	trap '' HUP INT TERM PIPE
	[ -z "$napping" ] || kill "$napping" 2>/dev/null
	remove_instance
	[ -z "$watchdog" ] || kill "$watchdog" 2>/dev/null
}
trap 'ended' EXIT
trap 'exit 143' HUP INT TERM PIPE

# Of a second each, so that whoever is gone is missed soon.
nap() {
	left=$1
	while [ "$left" -gt 0 ]; do
		sleep 1 &
		napping=$!
		wait "$napping"
		napping=
		printf '.\n' || exit 0
		left=$((left - 1))
	done
}

# Puts a file's first line into $line: without a process more.
first_line() {
	line=
	{ read -r line <"$1"; } 2>/dev/null || :
}

say() { # NAME FILE
	first_line "$2"
	echo "$1 $line"
}

# The word in brackets of the file's first line.
say_chosen() { # NAME FILE
	first_line "$2"
	line=${line#*[}
	echo "$1 ${line%%]*}"
}

find_tracing() {
	for tracing in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		[ -d "$tracing/instances" ] && return 0
	done
	tracing=
	return 1
}

say_host() {
	echo '@ host'
	echo "arch $(uname -m)"
	echo "kernel $(uname -r)"
	echo "cpus $(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
	echo "page_bytes $(getconf PAGE_SIZE 2>/dev/null || echo 4096)"
	[ -d /sys/module/kvm_amd ] && echo 'vendor svm'
	[ -d /sys/module/kvm_intel ] && echo 'vendor vmx'
	say npt /sys/module/kvm_amd/parameters/npt
	say ept /sys/module/kvm_intel/parameters/ept
	say tdp_mmu /sys/module/kvm/parameters/tdp_mmu
	say change_pte /sys/module/kvm/parameters/change_pte
	say_chosen thp /sys/kernel/mm/transparent_hugepage/enabled
	say_chosen lockdown /sys/kernel/security/lockdown
	echo "uid $(id -u)"
	[ -d /sys/kernel/debug/kvm ] && echo 'debugfs 1'
	find_tracing && echo "tracing $tracing"
	ksmd=
	for comm in /proc/[0-9]*/comm; do
		first_line "$comm"
		if [ "$line" = ksmd ]; then
			ksmd=${comm#/proc/}
			ksmd=${ksmd%/comm}
			break
		fi
	done
	echo "ksmd $ksmd"
}

# An event with these fields, in the instance.
has_event() {
	[ -e "$instance/events/$1/format" ] || return 1
	for field in $2; do grep -q " $field;" "$instance/events/$1/format" || return 1; done
}

count() { # PART EVENT TRIGGER
	if echo "$3" >"$instance/events/$2/trigger"; then
		counted="$counted $1:$2"
	else
		echo "@ note The kernel cannot count $2 by itself (no histogram triggers, or others keep it busy)."
	fi
} 2>/dev/null

follow() { # EVENT FILTER
	echo "$2" >"$instance/events/$1/filter" && echo 1 >"$instance/events/$1/enable"
} 2>/dev/null

start_tracing() {
	counted=
	followed=
	[ "$trace" = 1 ] || return 0
	if [ -z "$tracing" ]; then
		echo '@ note There is no tracefs to be used (not mounted, locked down, or not for this user): exits by reason are not known.'
		return 0
	fi
	instance=$tracing/instances/samepage-lab-observe-$$
	# It is there before what it looks after, and outlives the shell: even SIGKILL leaves nothing behind.
	watch="instance=$instance; left=$((seconds + 600)); while kill -0 $$ && [ \$left -gt 0 ]; do sleep 1; left=\$((left - 1)); done"
	if command -v setsid >/dev/null 2>&1; then
		setsid /bin/sh -c "$watch; [ -d \$instance ] || exit 0; $removal" >/dev/null 2>&1 </dev/null &
	else
		/bin/sh -c "trap '' HUP INT TERM; $watch; [ -d \$instance ] || exit 0; $removal" >/dev/null 2>&1 </dev/null &
	fi
	watchdog=$!
	if ! mkdir "$instance" 2>/dev/null; then
		instance=
		echo '@ note No tracing instance can be made: exits by reason are not known.'
		return 0
	fi
	cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
	size=$((2048 / cpus))
	[ "$size" -ge 64 ] || size=64
	echo "$size" >"$instance/buffer_size_kb" 2>/dev/null
	echo mono >"$instance/trace_clock" 2>/dev/null
	echo 0 >"$instance/options/overwrite" 2>/dev/null
	if has_event kvm/kvm_exit 'exit_reason'; then
		count exits kvm/kvm_exit 'hist:keys=common_pid,exit_reason:size=8192'
	else
		echo '@ note The kernel has no event kvm_exit with a reason: is KVM loaded?'
	fi
	if has_event kvm/kvm_page_fault 'error_code'; then
		count faults kvm/kvm_page_fault 'hist:keys=common_pid,error_code:size=4096'
	fi
	if [ -n "$ksmd" ] && has_event kvm/kvm_unmap_hva_range 'start'; then
		count unmaps kvm/kvm_unmap_hva_range "hist:keys=common_pid:size=128 if common_pid == $ksmd"
		if has_event kvmmmu/kvm_tdp_mmu_spte_changed 'gfn' && has_event kvm/kvm_page_fault 'error_code'; then
			follow kvm/kvm_unmap_hva_range "common_pid == $ksmd" &&
				follow kvmmmu/kvm_tdp_mmu_spte_changed "common_pid == $ksmd" &&
				follow kvm/kvm_page_fault '!(error_code & 1)' && followed=1
		fi
	fi
	if [ -z "$followed" ]; then
		echo '@ note The kernel does not say which second-level entries KSM drops (no event kvm_tdp_mmu_spte_changed or kvm_unmap_hva_range): which faults come after a merge is not known.'
	fi
}

# Machines: KVM's debugfs has a folder a VM; without it there are the file descriptors.
find_vms() {
	vms=
	if [ -d /sys/kernel/debug/kvm ]; then
		for dir in /sys/kernel/debug/kvm/[0-9]*-[0-9]*; do
			[ -d "$dir" ] || continue
			pid=${dir##*/}
			vms="$vms ${pid%-*}"
		done
	else
		# shellcheck disable=SC2012 # names are numbers
		vms=$(ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n 's,^/proc/\([0-9]*\)/fd:$,\1,; /^[0-9]*$/h; /anon_inode:kvm-vm/{g;p;}' | sort -un | tr '\n' ' ')
	fi
}

read_vm() { # PID
	[ -d "/proc/$1" ] || return 0
	say "@ vm $1" "/proc/$1/comm"
	for dir in /sys/kernel/debug/kvm/"$1"-*; do
		[ -d "$dir" ] || continue
		echo '@ stats'
		grep -s . "$dir"/* | sed -n 's,^.*/\([a-z0-9_]*\):\([0-9]*\)$,\1 \2,p'
	done
	echo '@ threads'
	for task in /proc/"$1"/task/*; do say "${task##*/}" "$task/comm"; done
	echo '@ stat'
	sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null
	echo '@ merging'
	say ksm_merging_pages "/proc/$1/ksm_merging_pages"
	cat "/proc/$1/ksm_stat" 2>/dev/null
	# It walks the page tables of the whole guest: at both ends only.
	if [ "$2" = ends ]; then
		echo '@ memory'
		cat "/proc/$1/smaps_rollup" 2>/dev/null
		echo '@ maps'
		grep -E '^[0-9a-f]+-[0-9a-f]+ rw' "/proc/$1/maps" 2>/dev/null | cut -d ' ' -f 1
	fi
}

read_trace() {
	[ -n "$instance" ] || return 0
	for one in $counted; do
		echo "@ hist ${one%%:*}"
		grep -E '^\{|Dropped:' "$instance/events/${one#*:}/hist" 2>/dev/null
	done
	[ -n "$followed" ] || return 0
	echo '@ trace'
	grep -v '^#' "$instance/trace"
	dropped=0
	# shellcheck disable=SC2013 # each is one word
	for lost in $(sed -n 's/^dropped events: //p' "$instance"/per_cpu/cpu*/stats); do dropped=$((dropped + lost)); done
	: >"$instance/trace"
	echo "@ dropped $dropped"
}

# More exits than that a second: counting each of them costs more than it should.
limit_exits() {
	case " $counted " in *" exits:"*) ;; *) return 0 ;; esac
	hits=$(sed -n 's/^ *Hits: *//p' "$instance/events/kvm/kvm_exit/hist" 2>/dev/null)
	if [ "${hits:-0}" -gt $((most_exits * elapsed)) ] && [ "$elapsed" -gt 0 ]; then
		echo "!hist:keys=common_pid,exit_reason:size=8192" >"$instance/events/kvm/kvm_exit/trigger"
		counted=$(echo " $counted " | sed 's, exits:kvm/kvm_exit,,')
		echo "@ limited $elapsed"
	fi
} 2>/dev/null

# Whole seconds since the host was started.
read_clock() {
	read -r now _ </proc/uptime
	clock=${now%%.*}
}

tick() { # ends|middle
	read_clock
	echo "@ tick $now $1"
	echo '@ ksm'
	grep -s . /sys/kernel/mm/ksm/* | sed 's,^.*/,,'
	echo '@ ksmd'
	if [ -n "$ksmd" ]; then
		cat "/proc/$ksmd/schedstat" 2>/dev/null || echo
		sed 's/^.*) //' "/proc/$ksmd/stat" 2>/dev/null
	fi
	echo '@ meminfo'
	cat /proc/meminfo
	echo '@ vmstat'
	grep -E '^(cow_ksm|ksm_swpin_copy|pswpin|pswpout|thp_split_page|thp_split_pmd|pgmigrate_success|numa_pte_updates) ' /proc/vmstat
	read_trace
	find_vms
	for pid in $vms; do read_vm "$pid" "$1"; done
	echo '@ self'
	times
	echo '@ done'
}

printf '@ observe 1\n'
say_host
start_tracing
tick ends
began=$clock
elapsed=0
step=$every
while [ "$elapsed" -lt "$seconds" ]; do
	[ $((elapsed + step)) -le "$seconds" ] || step=$((seconds - elapsed))
	nap "$step"
	read_clock
	elapsed=$((clock - began))
	if [ "$elapsed" -lt "$seconds" ]; then
		looking=$clock
		tick middle
		limit_exits
		read_clock
		elapsed=$((clock - began))
		# A look that takes long is taken more seldom: it should cost a tenth of the time at most.
		step=$((10 * (clock - looking)))
		[ "$step" -ge "$every" ] || step=$every
	fi
done
tick ends
ended
trap - EXIT
remaining=
[ -z "$instance" ] || [ ! -d "$instance" ] || remaining=$instance
echo "@ end $remaining"
