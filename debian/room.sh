#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a program in the room that everything is built in: a file system of its own, made of locked
# packages, in which nothing can be written to but the folders that are named. It sees no network, no
# process but its own, and no other file.
#
#   room.sh enter WAY ROOM FOLDER [VIEW...] -- PROGRAM [ARGUMENT...]
#
# WAY is bubblewrap, user (unshare(1), namespaces of users) or root. ROOM and the first path of each VIEW
# are absolute paths outside, FOLDER, where the program begins, and the second one are absolute paths
# inside. VIEWs are three words: "ro" or "rw", a file or a folder outside, and its place inside, which is
# /build, /out or below /in. The exit status is the program's; ended by a signal, it ends by the same.
set -eu
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin
umask 022

# In namespaces of its own: what is mounted, network, processes, System V and host name.
apart() { # WAY COMMAND...
	way=$1
	shift
	set -- --mount --net --ipc --uts --pid --fork --kill-child -- "$@"
	[ "$way" = root ] || set -- --user --map-root-user "$@"
	unshare "$@"
}

# Makes the place that something is to be seen at. Only /in is empty and can be written to.
place() { # OUTSIDE PLACE
	if [ -d "$1" ]; then
		mkdir -p "$2"
	else
		mkdir -p "${2%/*}"
		[ -e "$2" ] || : >"$2"
	fi
}

# A file system that forbids more than it has to keeps that: who is not root outside may not lift it.
protect() { # MOUNT
	mount -o remount,bind,ro,nosuid,nodev "$1" 2>/dev/null ||
		mount -o remount,bind,ro,nosuid,nodev,noatime "$1" 2>/dev/null ||
		mount -o remount,bind,ro,nosuid,nodev,relatime "$1" 2>/dev/null ||
		mount -o remount,bind,ro,nosuid,nodev,noexec "$1"
}

devices='null zero full random urandom'

case $1 in
enter)
	way=$2
	shift 2
	# The program has the signals; whoever waits for it says how it ended.
	trap : HUP INT TERM
	status=0
	if [ "$way" = bubblewrap ]; then
		room=$1
		folder=$2
		shift 2
		views=0
		# The words are turned round once: each VIEW goes to the end as bubblewrap's own option.
		while [ "$1" != -- ]; do
			option=--bind
			[ "$1" = rw ] || option=--ro-bind
			set -- "$@" "$option" "$2" "$3"
			shift 3
			views=$((views + 3))
		done
		shift
		# What is to be run stands before the options now; the same turn puts it behind them.
		count=$(($# - views))
		set -- "$@" --
		while [ "$count" -gt 0 ]; do
			set -- "$@" "$1"
			shift
			count=$((count - 1))
		done
		bwrap --unshare-all --die-with-parent --uid 0 --gid 0 --ro-bind "$room" / --proc /proc --dev /dev \
			--tmpfs /tmp --tmpfs /in --chdir "$folder" "$@" || status=$?
	else
		apart "$way" sh "$0" inside "$@" || status=$?
	fi
	[ "$status" -gt 128 ] || exit "$status"
	trap - HUP INT TERM
	kill "-$((status - 128))" $$
	exit "$status"
	;;
inside)
	room=$2
	folder=$3
	shift 3
	# The first process of a namespace has no signal that it does not ask for.
	trap : HUP INT TERM
	mount --bind "$room" "$room"
	mount -t tmpfs -o mode=755,size=1m none "$room/in"
	while [ "$1" != -- ]; do
		place "$2" "$room$3"
		mount --bind "$2" "$room$3"
		[ "$1" = rw ] || protect "$room$3"
		shift 3
	done
	shift
	mount -t tmpfs -o mode=755,size=1m none "$room/dev"
	for name in $devices; do
		: >"$room/dev/$name"
		mount --bind "/dev/$name" "$room/dev/$name"
	done
	ln -s /proc/self/fd "$room/dev/fd"
	ln -s /proc/self/fd/0 "$room/dev/stdin"
	ln -s /proc/self/fd/1 "$room/dev/stdout"
	ln -s /proc/self/fd/2 "$room/dev/stderr"
	# Within a container a new one may be forbidden; the present one does, too.
	mount -t proc none "$room/proc" 2>/dev/null || mount --rbind /proc "$room/proc"
	mount -t tmpfs -o mode=1777 none "$room/tmp"
	protect "$room"
	status=0
	# shellcheck disable=SC2016 # the inner shell expands
	chroot "$room" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@" || status=$?
	exit "$status"
	;;
esac
