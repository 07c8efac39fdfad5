#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a program on a system that has nothing but what is in a folder, as if that had been booted: its
# root, its processes, its users.
#
#   enter.sh ROOT USER NETWORK [VIEW...] -- PROGRAM [ARGUMENT...]
#
# USER is a number, 0 for root; whoever is not root outside is that user by a namespace of users. NETWORK is yes or no. VIEWs are
# three words: "ro" or "rw", a file or a folder outside, and its place inside, which is below /home or there
# in ROOT.
set -eu

if [ "$1" != inside ]; then
	if [ "$(id -u)" = 0 ]; then root=yes; else root=no; fi
	net=$3
	set -- inside "$root" "$@"
	set -- --mount --pid --ipc --uts --fork --kill-child -- sh "$0" "$@"
	[ "$net" = yes ] || set -- --net "$@"
	[ "$root" = yes ] || set -- --user --map-root-user "$@"
	exec unshare "$@"
fi

was=$2
root=$3
user=$4
shift 5
umask 022
mount --bind "$root" "$root"
mount -t tmpfs -o mode=755,size=1m none "$root/home"
mount -t proc none "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
while [ "$1" != -- ]; do
	place=$root$3
	if [ -d "$2" ]; then
		mkdir -p "$place"
	elif [ ! -e "$place" ]; then
		: >"$place"
	fi
	mount --bind "$2" "$place"
	[ "$1" = rw ] || mount -o remount,bind,ro "$place"
	shift 3
done
shift
mount -o remount,bind,ro "$root"
# Not chroot(8): what was entered by that may make no namespaces for users.
mkdir "$root/home/.machine"
cd "$root"
pivot_root . home/.machine
umount -l /home/.machine
cd /
if [ "$user" != 0 ] && [ "$was" = yes ]; then
	set -- setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
elif [ "$user" != 0 ]; then
	set -- unshare --user --map-user="$user" --map-group="$user" "$@"
fi
exec env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
