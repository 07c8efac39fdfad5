#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a program that sees one folder, in which it may write, the files that are named, and nothing
# else: no other file, no network, no process but its own. It has no privilege and can get none. Who
# starts it as root has it run as nobody.
#
#   cage.sh probe                                              exit status 0: this machine can do that
#   cage.sh enter FOLDER FILE... -- PROGRAM [ARGUMENT...]      in namespaces, in its folder
#   cage.sh bare PROGRAM [ARGUMENT...]                         only without privileges
#
# FOLDER is an absolute path, as are FILEs; a FILE may be a folder. The exit status is the program's; ended by a signal, it ends by the same.
set -eu
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin
nobody=65534

if [ "$(id -u)" = 0 ]; then root=yes; else root=no; fi

# In namespaces of its own: what is mounted, network, processes, System V and host name.
apart() { # COMMAND...
	set -- --mount --net --ipc --uts --pid --fork --kill-child -- "$@"
	[ "$root" = yes ] || set -- --user --map-root-user "$@"
	unshare "$@"
}

# Without a privilege, below the present folder, and begun in one that lies there. "root" is what it was
# outside: in a namespace of users the person seems to be root. Whoever was changed to another root can
# make no such namespace.
below() { # ROOT BEGIN COMMAND...
	was=$1
	begin=$2
	shift 2
	if [ "$was" = yes ]; then
		setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid,+dac_read_search -- \
			env -i LC_ALL=C TZ=UTC "$(command -v unshare)" --root=. --wd="$begin" \
			--setuid="$nobody" --setgid="$nobody" -- "$@"
	else
		setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- \
			env -i LC_ALL=C TZ=UTC "$(command -v unshare)" --user --root=. --wd="$begin" -- "$@"
	fi
}

# Lets a file or a folder be seen at its own path.
show() { # ROOT-FOLDER PATH
	if [ -h "$2" ]; then
		echo "$2 is a link" >&2
		exit 125
	fi
	if [ -d "$2" ]; then
		mkdir -p "$1$2"
	else
		mkdir -p "$1${2%/*}"
		: >"$1$2"
	fi
	mount --bind "$2" "$1$2"
}

# What is named is not to be written to. A file system that forbids programs keeps that.
protect() { # MOUNT
	mount -o remount,bind,ro,nosuid,nodev "$1" 2>/dev/null ||
		mount -o remount,bind,ro,nosuid,nodev,noexec "$1"
}

case $1 in
probe)
	apart sh "$0" probed "$root"
	;;
probed)
	mount -t tmpfs none /tmp
	cd /
	below "$2" / true
	;;
enter)
	shift
	# The program has the signals; whoever waits for it says how it ended.
	trap : HUP INT TERM
	status=0
	apart sh "$0" inside "$root" "$@" || status=$?
	[ "$status" -gt 128 ] || exit "$status"
	trap - HUP INT TERM
	kill "-$((status - 128))" $$
	exit "$status"
	;;
inside)
	was=$2
	folder=$3
	shift 3
	umask 022
	inner=$(mktemp -d "$folder/cage.XXXXXX")
	mount -t tmpfs -o mode=755,size=1m none "$inner"
	[ "$was" = no ] || chown -R "$nobody:$nobody" "$folder"
	show "$inner" "$folder"
	while [ "$1" != -- ]; do
		show "$inner" "$1"
		protect "$inner$1"
		shift
	done
	shift
	mount -o remount,bind,ro,nosuid,nodev "$inner"
	cd "$inner"
	status=0
	below "$was" "$folder" "$@" || status=$?
	# Whoever reads what is left follows no link and waits for no pipe; and nobody is left to make one.
	kill -KILL -1 2>/dev/null || :
	find "$folder" -xdev ! -type f ! -type d -delete
	exit "$status"
	;;
bare)
	shift
	if [ "$root" = yes ]; then
		exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
	fi
	exec setpriv --no-new-privs -- "$@"
	;;
esac
