#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the lab does on a host to boot another kernel there once, as root: sh -s -- VERB ARGUMENT... with
# this text on standard input. The kernel that the host boots by itself stays the one that it was: should
# the other not come up, the next boot is the old one.
set -eu

kept=${SAMEPAGE_KEPT:-/var/lib/samepage-lab}
prepared=$kept/prepared
entry=samepage-lab
begins="# samepage-lab begins: removed by \`lab host forget\`"
ends="# samepage-lab ends"
# A kernel that panics starts the machine anew after so many seconds, with the old kernel.
panic_s=30
oneshot=/sys/firmware/efi/efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
LC_ALL=C
export LC_ALL

say() {
	printf '%s=%s\n' "$1" "$2"
}

die() {
	say failed "$1"
	exit 0
}

grub_folder() {
	for dir in /boot/grub /boot/grub2; do
		if test -e "$dir/grub.cfg" && test -e "$dir/grubenv"; then
			echo "$dir"
			return
		fi
	done
}

grub_edit() {
	if command -v grub-editenv >/dev/null; then grub-editenv "$@"; else grub2-editenv "$@"; fi
}

# GRUB can boot something once if its configuration heeds next_entry, and the lab's own entry is read.
can_grub() {
	dir=$(grub_folder)
	test -n "$dir" && grep -q next_entry "$dir/grub.cfg" && grep -q custom.cfg "$dir/grub.cfg"
}

can_systemd_boot() {
	command -v bootctl >/dev/null && bootctl is-installed >/dev/null 2>&1
}

can_kexec() {
	command -v kexec >/dev/null && test "$(cat /proc/sys/kernel/kexec_load_disabled 2>/dev/null)" = 0
}

look() {
	ways=
	if can_grub; then ways="$ways grub"; fi
	if can_systemd_boot; then ways="$ways systemd-boot"; fi
	if can_kexec; then ways="$ways kexec"; fi
	say ways "${ways# }"
	say dpkg "$(command -v dpkg || :)"
	say systemctl "$(command -v systemctl || :)"
	say boot_mib "$(df -Pk /boot | sed -n '2s/ *[^ ]* *[0-9]* *[0-9]* *\([0-9]*\) .*/\1/p' | { read -r k && echo $((k / 1024)); })"
	say kernel "$(uname -r)"
	say boot_id "$(cat /proc/sys/kernel/random/boot_id)"
}

# The package has come as a file. One that is installed already is left as it is.
install() {
	file=$1 package=$2 release=$3
	if test "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed &&
		test -e "/boot/vmlinuz-$release"; then
		rm -f "$file"
		say state there
		return
	fi
	echo "package $package" >>"$prepared"
	sync "$prepared"
	if ! said=$(DEBIAN_FRONTEND=noninteractive dpkg --install "$file" 2>&1); then
		die "its package cannot be installed: $(echo "$said" | tail -n 3 | tr '\n' ' ')"
	fi
	rm -f "$file"
	test -e "/boot/vmlinuz-$release" || die "its package has put no /boot/vmlinuz-$release there"
	test -e "/boot/initrd.img-$release" || die "nothing has made /boot/initrd.img-$release"
	sync
	say state installed
}

# The distribution's own entry of that kernel, under the lab's name, with a limit to a panic.
own_entry() {
	awk -v release="$1" -v entry="$entry" -v panic="panic=$panic_s" '
		/^[ \t]*menuentry / { inside = 1; text = "" }
		inside {
			line = $0
			if (line ~ /^[ \t]*menuentry /) line = "menuentry \"Samepage Lab, " release "\" --id " entry " {"
			if (line ~ /^[ \t]*linux/) {
				if (index(line, "vmlinuz-" release " ")) mine = 1
				line = line " " panic
			}
			if (line ~ /(^|[ \t])(single|recovery)([ \t]|$)/) mine = 0
			text = text line "\n"
		}
		inside && /^[ \t]*}[ \t]*$/ {
			if (mine) { printf "%s", text; exit }
			inside = 0
			mine = 0
		}' "$2"
}

next_entry() { # GRUBENV
	grub_edit "$1" list | sed -n 's/^next_entry=//p'
}

# Writes custom.cfg anew, with what somebody else has in it and what is given; its owner and rights stay.
write_custom() { # FILE [TEXT]
	without_own "$1" >"$1.part"
	if test -n "${2-}"; then printf '%s\n%s\n%s\n' "$begins" "$2" "$ends" >>"$1.part"; fi
	cat "$1.part" >"$1"
	rm -f "$1.part"
}

without_own() {
	sed "/^# samepage-lab begins/,/^# samepage-lab ends/d" "$1"
}

once_grub() {
	dir=$(grub_folder)
	text=$(own_entry "$1" "$dir/grub.cfg")
	test -n "$text" || die "the boot loader has no entry of $1: does update-grub run when a kernel is installed?"
	test -e "$dir/custom.cfg" || : >"$dir/custom.cfg"
	write_custom "$dir/custom.cfg" "$text"
	grub_edit "$dir/grubenv" set "next_entry=$entry"
	sync
	test "$(next_entry "$dir/grubenv")" = "$entry" ||
		die "the boot loader's next_entry does not hold what was written"
}

once_systemd_boot() {
	for file in /boot/loader/entries/*"$1"*.conf /efi/loader/entries/*"$1"*.conf /boot/efi/loader/entries/*"$1"*.conf; do
		test -e "$file" || continue
		name=${file##*/}
		bootctl set-oneshot "$name"
		test "$(tail -c +5 "$oneshot" | tr -d '\000')" = "$name" ||
			die "the firmware's one-shot entry does not hold what was written"
		return
	done
	die "the boot loader has no entry of $1: does kernel-install run when a kernel is installed?"
}

once_kexec() {
	line=$(sed 's/BOOT_IMAGE=[^ ]* *//' /proc/cmdline)
	kexec --load "/boot/vmlinuz-$1" "--initrd=/boot/initrd.img-$1" "--command-line=$line panic=$panic_s" ||
		die "kexec cannot load $1"
	test "$(cat /sys/kernel/kexec_loaded)" = 1 || die "the kernel says that nothing is loaded for kexec"
}

# Which kernel the next boot is, and no other boot.
once() {
	case $1 in
	grub) once_grub "$2" ;;
	systemd-boot) once_systemd_boot "$2" ;;
	kexec) once_kexec "$2" ;;
	esac
	say next "$2"
}

# In a moment, so that who asked for it hears that it will be.
restart() {
	verb=reboot
	if test "$1" = kexec; then verb=kexec; fi
	setsid sh -c "sleep 1; systemctl $verb" </dev/null >/dev/null 2>&1 &
	say state restarting
}

# What is left of a boot that went wrong. The one before it is told apart: a kernel that found no disk has
# left nothing in the journal, whose last boot is then the old kernel's.
last_words() { # BOOT_ID of the one before
	for file in /sys/fs/pstore/* /var/lib/systemd/pstore/*/* /var/lib/systemd/pstore/*; do
		if test -f "$file"; then
			say from "$file"
			tail -n 20 "$file"
		fi
	done
	command -v journalctl >/dev/null || return 0
	if test "$(journalctl -b -1 -n 1 -o export 2>/dev/null | sed -n 's/^_BOOT_ID=//p')" = "$(echo "$1" | tr -d -)"; then
		say from "the journal, which knows nothing of that boot"
		return
	fi
	say from "the journal of that boot"
	journalctl -b -1 -n 20 -o cat --no-pager 2>/dev/null || :
}

# The boot loader is as it was, and the package goes, unless its kernel is the one that runs.
undo() {
	dir=$(grub_folder)
	if test -n "$dir" && test -e "$dir/custom.cfg" && grep -q '^# samepage-lab begins' "$dir/custom.cfg"; then
		write_custom "$dir/custom.cfg"
		if test "$(next_entry "$dir/grubenv")" = "$entry"; then
			grub_edit "$dir/grubenv" unset next_entry
		fi
	fi
	test -e "$prepared" || return 0
	sed -n 's/^package //p' "$prepared" | sort -u | while read -r package; do
		if test "linux-image-$(uname -r)" = "$package"; then
			say failed "the package $package, whose kernel runs now: restart the host first"
		elif ! dpkg --purge "$package" >/dev/null 2>&1; then
			say failed "the package $package, which dpkg does not purge"
		fi
	done
}

"$@"
