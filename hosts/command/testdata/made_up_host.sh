#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A machine for tests that need no KVM: sh made_up_host.sh FOLDER TEXT, in namespaces of its own. Its /sys
# has what a trial changes and what is counted around one; its agent is a script. TEXT is what is pushed to
# hosts. There is no systemd.
set -eu
dir=$1 text=$2
cpu=/sys/devices/system/cpu

mount -t tmpfs sys /sys
mkdir -p /sys/kernel/mm/ksm /sys/kernel/mm/transparent_hugepage /sys/kernel/debug /sys/kernel/tracing $cpu/smt
for place in debug tracing; do mount -t tmpfs tmpfs /sys/kernel/$place; done
for setting in run:1 pages_to_scan:100 max_page_sharing:256 pages_shared:10 pages_sharing:90; do
	echo "${setting#*:}" >"/sys/kernel/mm/ksm/${setting%:*}"
done
echo 'always [madvise] never' >/sys/kernel/mm/transparent_hugepage/enabled
echo on >$cpu/smt/control
for n in 0 1; do
	mkdir -p $cpu/cpu$n/thermal_throttle $cpu/cpu$n/cpufreq
	echo 4 >$cpu/cpu$n/thermal_throttle/core_throttle_count
	echo 1 >$cpu/cpu$n/thermal_throttle/package_throttle_count
	echo powersave >$cpu/cpu$n/cpufreq/scaling_governor
done

export SAMEPAGE_KEPT="$dir/kept"
bundle=$SAMEPAGE_KEPT/bundles/b
mkdir -p "$SAMEPAGE_KEPT/trials" "$bundle/bin"
for name in proc sys dev run tmp; do mkdir "$bundle/$name"; done
for program in sh cat sleep; do
	file=$(command -v "$program")
	cp -L "$file" "$bundle/bin/$program"
	for library in $(ldd "$file" | grep -o '/[^ ]*'); do
		mkdir -p "$bundle/${library%/*}"
		cp -L "$library" "$bundle/$library"
	done
done
cat >"$bundle/init" <<'END'
#!/bin/sh
for file in /sys/kernel/mm/ksm/run /sys/devices/system/cpu/smt/control \
	/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor; do
	printf '%s ' "$(cat "$file")"
done >/tmp/seen
echo 3 >/sys/kernel/mm/ksm/run
echo '{"t_ns":1,"phase":"boot","kind":"phases","event":"begin"}' >/tmp/records
until test -e /tmp/go; do sleep 0.1; done
echo 9 >/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count
echo '{"t_ns":2,"phase":"boot","kind":"phases","event":"end"}' >>/tmp/records
END
chmod +x "$bundle/init"
cp "$text" "$SAMEPAGE_KEPT/host.sh"

lab() {
	sh -s -- "$@" <"$text"
}

# What a trial changes, in a line.
state() {
	for file in /sys/kernel/mm/ksm/run $cpu/smt/control $cpu/cpu1/cpufreq/scaling_governor; do
		printf '%s ' "$(cat "$file")"
	done
	echo
}

begin() {
	echo "plan of $1" >"$SAMEPAGE_KEPT/trials/$1.plan"
	lab begin "$1" b 0 60 "$SAMEPAGE_KEPT/host.sh"
	until test -s "$SAMEPAGE_KEPT/trials/$1/records"; do sleep 0.1; done
}

until_ended() {
	until lab ended "$1" | grep -q '^status=.'; do sleep 0.1; done
}

echo "# a trial"
state
begin t1
cat "$SAMEPAGE_KEPT/trials/t1/seen"
echo
lab begin t2 b 0 60 "$SAMEPAGE_KEPT/host.sh" 2>&1
: >"$SAMEPAGE_KEPT/trials/t1/go"
lab follow t1 58
until_ended t1
lab ended t1 | grep -e '^status' -e '^bytes' -e '^said'
state
echo "# counted"
lab counted t1
echo "# picked up"
echo "plan of t1" >"$SAMEPAGE_KEPT/trials/t1.plan"
lab begin t1 b 0 60 "$SAMEPAGE_KEPT/host.sh"
lab taken t1
echo "# killed"
begin t3
pkill -9 -f ' carry t3 ' || :
pkill -9 -f /init || :
until_ended t3
lab ended t3 | grep '^status'
state
lab taken t3
echo "# killed, and nobody asks"
begin t4
pkill -9 -f ' carry t4 ' || :
pkill -9 -f /init || :
lab status | grep -e '^changed' -e '^trial'
lab restore
state
echo "# forgotten"
lab forget
if test -e "$SAMEPAGE_KEPT"; then ls "$SAMEPAGE_KEPT"; fi
