#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the lab does on a host, this machine or another, as root: sh -s -- VERB ARGUMENT... with this text
# on standard input, or as a file, around.sh and settings.sh before it. It looks, carries out one trial that nobody need
# wait for, and puts back what it has changed. All it keeps is below $kept.
set -eu

kept=${SAMEPAGE_KEPT:-/var/lib/samepage-lab}
saved=$kept/settings
ksm=/sys/kernel/mm/ksm
slice_of_trials=samepagelab.slice
cpu=/sys/devices/system/cpu
tracing=/sys/kernel/tracing
LC_ALL=C
export LC_ALL

say() {
	printf '%s=%s\n' "$1" "$2"
}

# The value of a file, or nothing; of several words in which one has brackets, that one.
value_of() {
	if test -r "$1"; then
		sed -n '1s/.*\[\([^]]*\)\].*/\1/;1p' "$1" 2>/dev/null || :
	fi
}

has_flag() {
	grep -q -m 1 -w "$1" /proc/cpuinfo && echo 1 || echo 0
}

# One CPU of each core that may be used here: its siblings would share it.
cores() {
	for dir in "$cpu"/cpu[0-9]*; do
		test -r "$dir/topology/thread_siblings_list" || continue
		n=${dir##*/cpu}
		first=$(sed 's/[-,].*//' "$dir/topology/thread_siblings_list")
		if test "$n" = "$first"; then echo "$n"; fi
	done | sort -n | tr '\n' ' '
}

kvm_device() {
	if ! test -e /dev/kvm; then
		echo missing
	elif (: 3<>/dev/kvm) 2>/dev/null; then
		echo there
	else
		echo refused
	fi
}

tracing_state() {
	if ! grep -q -w tracefs /proc/filesystems; then
		echo missing
	elif test "$(value_of /sys/kernel/security/lockdown)" = confidentiality; then
		echo locked
	elif test -d "$tracing/events" && test -n "$(grep -v '^#' "$tracing/kprobe_events" 2>/dev/null)"; then
		echo busy
	else
		echo there
	fi
}

# Kernel's complaints since boot: how many lines.
complaints() {
	dmesg 2>/dev/null | grep -c -E 'BUG:|Oops|WARNING: CPU|general protection|soft lockup' || :
}

probe() {
	say uid "$(id -u)"
	say arch "$(uname -m)"
	say kernel "$(uname -r)"
	say version "$(uname -v)"
	say boot_id "$(cat /proc/sys/kernel/random/boot_id)"
	say page_bytes "$(getconf PAGESIZE)"
	say cores "$(cores)"
	say cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	for flag in svm vmx hypervisor constant_tsc nonstop_tsc; do say "$flag" "$(has_flag $flag)"; done
	say memory_mib "$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))"
	say available_mib "$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))"
	say kvm "$(kvm_device)"
	say npt "$(value_of /sys/module/kvm_amd/parameters/npt)$(value_of /sys/module/kvm_intel/parameters/ept)"
	say switch "$(value_of /sys/module/kvm/parameters/change_pte)"
	say ksm "$(value_of $ksm/run)"
	say merged "$(value_of $ksm/pages_sharing)"
	say tracing "$(tracing_state)"
	say debugfs "$(grep -q -w debugfs /proc/filesystems && echo 1 || echo 0)"
	say lockdown "$(value_of /sys/kernel/security/lockdown)"
	say free_mib "$(df -Pk /var/lib | sed -n '2s/ *[^ ]* *[0-9]* *[0-9]* *\([0-9]*\) .*/\1/p' | { read -r k && echo $((k / 1024)); })"
	say isolates "$(can_isolate && echo 1 || echo 0)"
	say systemd "$(test -d /run/systemd/system && echo 1 || echo 0)"
	say changed "$(test -e "$saved" && echo 1 || echo 0)"
	say running "$(running)"
	say throttles "$(test -e $cpu/cpu0/thermal_throttle/core_throttle_count && echo 1 || echo 0)"
}

# The trial that runs now, or nothing.
running() {
	for dir in "$kept"/trials/*/; do
		test -e "$dir/pid" || continue
		test -e "$dir/status" && continue
		if kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
			basename "$dir"
			return
		fi
	done
}

# A bundle that has come as an archive.
unpack() {
	dir=$kept/bundles/$1
	test -d "$dir" && return
	rm -rf "$dir.part"
	mkdir -p "$dir.part"
	tar -xf "$dir.tar" -C "$dir.part"
	rm -f "$dir.tar"
	mv "$dir.part" "$dir"
}

has_bundle() {
	test -d "$kept/bundles/$1" && echo yes || echo no
}

# Whether KVM works at all: the VMM itself starts a machine, which executes nothing.
try_kvm() {
	dir=$kept/bundles/$1
	pid=$kept/try.pid
	rm -f "$pid"
	if said=$("$dir/vmm" -L "$dir/firmware" -bios bios-microvm.bin -M microvm -accel kvm -cpu host \
		-nodefaults -no-user-config -display none -S -daemonize -pidfile "$pid" 2>&1); then
		kill "$(cat "$pid")"
		rm -f "$pid"
		echo works
	else
		echo "$said" | tail -n 3
	fi
}

# Goes on with a trial of that name that nobody has taken; else begins it.
begin() {
	id=$1 bundle=$2 cpus=$3 most_s=$4 script=$5
	dir=$kept/trials/$id
	if test -e "$dir/plan" && cmp -s "$dir/plan" "$kept/trials/$id.plan" &&
		test "$(cat "$dir/boot_id")" = "$(cat /proc/sys/kernel/random/boot_id)"; then
		rm -f "$kept/trials/$id.plan"
		say state again
		return
	fi
	other=$(running)
	if test -n "$other"; then
		say busy "$other"
		return
	fi
	rm -rf "$dir"
	mkdir -p "$dir"
	mv "$kept/trials/$id.plan" "$dir/plan"
	cat /proc/sys/kernel/random/boot_id >"$dir/boot_id"
	complaints >"$dir/complaints"
	save "$id"
	if test -d /run/systemd/system; then
		# Whichever way it ends, even with all its processes killed, the host is put back.
		systemd-run --quiet --collect --unit "samepage-lab-$id" --slice "$slice_of_trials" --property=KillMode=control-group \
			--property="RuntimeMaxSec=$most_s" --property="ExecStopPost=/bin/sh $script close $id" \
			--property="StandardError=append:$dir/said" \
			/bin/sh "$script" carry "$id" "$bundle" "$cpus"
	else
		setsid timeout "$most_s" /bin/sh "$script" carry "$id" "$bundle" "$cpus" \
			</dev/null >/dev/null 2>>"$dir/said" &
	fi
	say state begun
}

carry() {
	dir=$kept/trials/$1
	quieten "$3"
	{
		primitives "$2" "$3" "$(cores)"
		around
	} >"$dir/before" || :
	unshare --mount --propagation private /bin/sh "$0" inside "$@" &
	echo $! >"$dir/pid"
	status=0
	wait $! || status=$?
	around >"$dir/after" || :
	echo $status >"$dir/status.part"
	close "$1"
}

# Behind the trial: the settings are back before anybody hears that it is over.
close() {
	dir=$kept/trials/$1
	test -d "$dir" || return 0
	restore "$1" >>"$dir/said"
	test -e "$dir/status.part" || echo 137 >"$dir/status.part"
	test -e "$dir/status" || mv "$dir/status.part" "$dir/status"
}

# The agent's own view: the bundle as its root, and the host's /proc, /sys and /dev.
inside() {
	dir=$kept/trials/$1
	root=$dir/root
	mkdir -p "$root"
	mount --bind "$kept/bundles/$2" "$root"
	for name in proc sys dev; do mount --rbind /$name "$root/$name"; done
	mount -t tmpfs tmpfs "$root/run"
	mount --bind "$dir" "$root/tmp"
	mountpoint -q "$root/sys/kernel/debug" || mount -t debugfs debugfs "$root/sys/kernel/debug"
	mountpoint -q "$root/sys/kernel/tracing" || mount -t tracefs tracefs "$root/sys/kernel/tracing"
	exec taskset -c "$3" chroot "$root" /init /tmp/plan /tmp/records
}

# Records from a byte on, until there are no more.
follow() {
	dir=$kept/trials/$1
	until test -e "$dir/records" || test -e "$dir/status"; do sleep 0.1; done
	test -e "$dir/records" || return 0
	if test -e "$dir/status"; then
		tail -c "+$(($2 + 1))" "$dir/records"
	else
		tail -c "+$(($2 + 1))" -s 0.2 --pid "$(cat "$dir/pid")" -f "$dir/records"
	fi
}

# Whether anybody is left who would close a trial that has ended.
attended() {
	if test -d /run/systemd/system; then
		case $(systemctl is-active "samepage-lab-$1" 2>/dev/null || :) in
		active | activating | deactivating) return 0 ;;
		*) return 1 ;;
		esac
	fi
	pgrep -f " carry $1 " >/dev/null
}

# How a trial stands: its exit status once it has ended, and how much it has recorded.
ended() {
	dir=$kept/trials/$1
	# Whatever killed all of it may have killed what closes it, too. Who closes it leaves a status behind.
	if ! attended "$1" && test -e "$dir/pid" && ! test -e "$dir/status"; then close "$1"; fi
	say boot_id "$(cat /proc/sys/kernel/random/boot_id)"
	say began "$(cat "$dir/boot_id" 2>/dev/null || :)"
	say status "$(cat "$dir/status" 2>/dev/null || :)"
	say bytes "$(stat -c %s "$dir/records" 2>/dev/null || echo 0)"
	say complaints "$(($(complaints) - $(cat "$dir/complaints" 2>/dev/null || complaints)))"
	say said "$(tail -n 5 "$dir/said" 2>/dev/null | tr '\n' ' ')"
}

# What was counted around a trial.
counted() {
	for when in before after; do
		echo "@ $when"
		cat "$kept/trials/$1/$when" 2>/dev/null || :
	done
}

# Its records are with the lab.
taken() {
	rm -rf "$kept/trials/$1"
}

stop() {
	if test -d /run/systemd/system; then systemctl stop "samepage-lab-$1" 2>/dev/null || :; fi
	if test -e "$kept/trials/$1/pid"; then kill "$(cat "$kept/trials/$1/pid")" 2>/dev/null || :; fi
	restore
	rm -rf "$kept/trials/$1"
}

status() {
	probe
	test -e "$saved" && sed 's/^/saved=/' "$saved"
	for dir in "$kept"/trials/*/; do
		test -d "$dir" || continue
		name=$(basename "$dir")
		if ! how=$(cat "$dir/status" 2>/dev/null); then
			how=killed
			if attended "$name"; then how=running; fi
		fi
		say trial "$name $how"
	done
	for dir in "$kept"/bundles/*/; do
		test -d "$dir" && say bundle "$(basename "$dir") $(du -sm "$dir" | cut -f 1)"
	done
	return 0
}

# All that is kept here goes, once everything is put back.
forget() {
	if test -n "$(running)"; then
		say busy "$(running)"
		return
	fi
	restore
	rm -rf "$kept"
}

"$@"
