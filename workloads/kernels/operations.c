// SPDX-License-Identifier: Apache-2.0
/*
 * A broad mix of system calls, so that the text and read-only data of many parts of
 * the guest's kernel are used: memory, processes, signals, timers, files, pipes,
 * System V IPC, /proc and /sys. Each leaves nothing behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "operations.h"

#define CHECK(x)                                 \
	do {                                     \
		if ((x) < 0)                     \
			return OPERATION_FAILED; \
	} while (0)

static uint64_t identity(void)
{
	struct utsname names;

	CHECK(uname(&names));
	return getpid() + getppid() + getuid() + getgid() + getsid(0) + getpgrp() +
	       strlen(names.sysname) + strlen(names.machine);
}

static uint64_t clocks(void)
{
	struct timespec t;
	struct tms ticks;
	struct timeval now;
	struct sysinfo info;

	for (clockid_t clock = CLOCK_REALTIME; clock <= CLOCK_BOOTTIME; clock++)
		clock_gettime(clock, &t);
	clock_getres(CLOCK_MONOTONIC, &t);
	CHECK(gettimeofday(&now, NULL));
	times(&ticks);
	CHECK(sysinfo(&info));
	return info.totalram / PAGE_BYTES;
}

static uint64_t anonymous_memory(void)
{
	size_t bytes = 64 * PAGE_BYTES;
	unsigned char resident[64];
	unsigned char *p =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t sum = 0;

	if (p == MAP_FAILED)
		return OPERATION_FAILED;
	for (size_t i = 0; i < bytes; i += PAGE_BYTES)
		p[i] = i / PAGE_BYTES;
	CHECK(mprotect(p, bytes / 2, PROT_READ));
	CHECK(madvise(p + bytes / 2, bytes / 4, MADV_DONTNEED));
	CHECK(mincore(p, bytes, resident));
	CHECK(mlock(p, PAGE_BYTES));
	CHECK(munlock(p, PAGE_BYTES));
	/* mremap moves one mapping, not several. */
	CHECK(mprotect(p, bytes, PROT_READ | PROT_WRITE));
	p = mremap(p, bytes, bytes * 2, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return OPERATION_FAILED;
	for (size_t i = 0; i < bytes; i += PAGE_BYTES)
		sum = sum * 31 + p[i];
	CHECK(munmap(p, bytes * 2));
	return sum;
}

static uint64_t memory_file(void)
{
	int fd = memfd_create("kernels", MFD_CLOEXEC);
	char *p;
	uint64_t sum;

	CHECK(fd);
	CHECK(ftruncate(fd, 4 * PAGE_BYTES));
	p = mmap(NULL, 4 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return OPERATION_FAILED;
	memset(p, 0x5a, 2 * PAGE_BYTES);
	CHECK(msync(p, 4 * PAGE_BYTES, MS_SYNC));
	CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE_BYTES, PAGE_BYTES));
	sum = p[0] + p[PAGE_BYTES];
	munmap(p, 4 * PAGE_BYTES);
	close(fd);
	return sum;
}

static uint64_t break_and_limits(void)
{
	struct rlimit limit;
	struct rusage usage;
	void *end = sbrk(0);

	if (sbrk(16 * PAGE_BYTES) == (void *)-1)
		return OPERATION_FAILED;
	memset(end, 1, PAGE_BYTES);
	sbrk(-16 * PAGE_BYTES);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit));
	CHECK(setrlimit(RLIMIT_NOFILE, &limit));
	CHECK(getrusage(RUSAGE_SELF, &usage));
	return limit.rlim_cur;
}

static uint64_t child_process(void)
{
	int status;
	pid_t pid = fork();

	CHECK(pid);
	if (!pid) {
		volatile char stack[8 * PAGE_BYTES];

		for (size_t i = 0; i < sizeof(stack); i += PAGE_BYTES)
			stack[i] = 1;
		_exit(7 + stack[0] - 1);
	}
	CHECK(waitpid(pid, &status, 0));
	return WEXITSTATUS(status);
}

static uint64_t program_start(void)
{
	int status;
	pid_t pid = vfork();

	CHECK(pid);
	if (!pid) {
		/* The init itself, told to do nothing. */
		execl("/init", "/init", "--true", NULL);
		_exit(1);
	}
	CHECK(waitpid(pid, &status, 0));
	return WEXITSTATUS(status);
}

static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
	signals_seen += number;
}

static uint64_t signals(void)
{
	struct sigaction action = { .sa_handler = on_signal }, old;
	sigset_t set, pending;
	stack_t stack;

	signals_seen = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigaction(SIGUSR1, &action, &old));
	CHECK(sigaltstack(NULL, &stack));
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
	CHECK(kill(getpid(), SIGUSR1));
	CHECK(sigpending(&pending));
	CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL));
	CHECK(sigaction(SIGUSR1, &old, NULL));
	return signals_seen + sigismember(&pending, SIGUSR1);
}

static uint64_t signal_descriptor(void)
{
	struct signalfd_siginfo info = { 0 };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	CHECK(fd);
	CHECK(kill(getpid(), SIGUSR2));
	CHECK(read(fd, &info, sizeof(info)));
	close(fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return info.ssi_signo;
}

static uint64_t timers(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1000 }, left;
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct timespec nap = { .tv_nsec = 1000 };
	struct itimerval interval = { 0 };
	uint64_t expirations = 0;
	timer_t timer;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	CHECK(fd);
	CHECK(timerfd_settime(fd, 0, &soon, NULL));
	CHECK(read(fd, &expirations, sizeof(expirations)));
	close(fd);
	CHECK(timer_create(CLOCK_REALTIME, &event, &timer));
	soon.it_value.tv_sec = 100;
	CHECK(timer_settime(timer, 0, &soon, NULL));
	CHECK(timer_gettime(timer, &left));
	CHECK(timer_delete(timer));
	CHECK(setitimer(ITIMER_REAL, &interval, NULL));
	CHECK(nanosleep(&nap, NULL));
	return expirations;
}

static uint64_t pipes(void)
{
	char buffer[600] = "pipe";
	struct iovec parts[2] = { { buffer, 100 }, { buffer + 100, 500 } };
	int ends[2], copy;
	uint64_t sum;

	CHECK(pipe2(ends, O_CLOEXEC));
	CHECK(fcntl(ends[1], F_SETPIPE_SZ, 16 * PAGE_BYTES));
	CHECK(writev(ends[1], parts, 2));
	copy = dup(ends[0]);
	CHECK(copy);
	sum = readv(copy, parts, 2);
	close(copy);
	close(ends[0]);
	close(ends[1]);
	return sum + buffer[0];
}

static uint64_t splices(void)
{
	int ends[2], from = open("/init", O_RDONLY), to = memfd_create("splice", 0);
	uint64_t moved;

	CHECK(from);
	CHECK(to);
	CHECK(pipe(ends));
	moved = splice(from, NULL, ends[1], NULL, 3 * PAGE_BYTES, 0);
	moved += splice(ends[0], NULL, to, NULL, 3 * PAGE_BYTES, 0);
	moved += sendfile(to, from, NULL, 2 * PAGE_BYTES);
	close(ends[0]);
	close(ends[1]);
	close(from);
	close(to);
	return moved;
}

static uint64_t files(void)
{
	struct stat info;
	struct statfs fs;
	struct timespec times[2] = { { 0 }, { 0 } };
	char link_target[64] = "";
	int fd = open("/tmp/file", O_RDWR | O_CREAT | O_EXCL, 0600);
	uint64_t sum;

	CHECK(fd);
	CHECK(pwrite(fd, "hello", 5, 3 * PAGE_BYTES));
	CHECK(lseek(fd, 0, SEEK_DATA));
	CHECK(flock(fd, LOCK_EX));
	CHECK(fchmod(fd, 0640));
	CHECK(futimens(fd, times));
	CHECK(ftruncate(fd, PAGE_BYTES));
	CHECK(fsync(fd));
	CHECK(fstat(fd, &info));
	CHECK(fstatfs(fd, &fs));
	close(fd);
	CHECK(link("/tmp/file", "/tmp/hard"));
	CHECK(symlink("/tmp/file", "/tmp/soft"));
	CHECK(readlink("/tmp/soft", link_target, sizeof(link_target) - 1));
	CHECK(rename("/tmp/hard", "/tmp/renamed"));
	CHECK(access("/tmp/renamed", R_OK));
	sum = info.st_size + fs.f_bsize + strlen(link_target);
	unlink("/tmp/soft");
	unlink("/tmp/renamed");
	unlink("/tmp/file");
	return sum;
}

static uint64_t directories(void)
{
	char path[64], cwd[64];
	uint64_t entries = 0;
	int fd;
	char buffer[2048];

	CHECK(mkdir("/tmp/dir", 0700));
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/tmp/dir/%d", i);
		CHECK(mknod(path, S_IFREG | 0600, 0));
	}
	CHECK(chdir("/tmp/dir"));
	if (!getcwd(cwd, sizeof(cwd)))
		return OPERATION_FAILED;
	fd = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(fd);
	entries = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	close(fd);
	CHECK(chdir("/"));
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/tmp/dir/%d", i);
		unlink(path);
	}
	CHECK(rmdir("/tmp/dir"));
	return entries + strlen(cwd);
}

static uint64_t mounts(void)
{
	CHECK(mkdir("/tmp/mount", 0700));
	CHECK(mount("tmpfs", "/tmp/mount", "tmpfs", 0, "size=64k"));
	CHECK(mount(NULL, "/tmp/mount", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	CHECK(umount("/tmp/mount"));
	CHECK(rmdir("/tmp/mount"));
	return 1;
}

static uint64_t waits(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int counter = eventfd(5, EFD_CLOEXEC), set = epoll_create1(EPOLL_CLOEXEC);
	struct pollfd ready = { .fd = counter, .events = POLLIN };
	fd_set readable;
	uint64_t value = 0;

	CHECK(counter);
	CHECK(set);
	CHECK(epoll_ctl(set, EPOLL_CTL_ADD, counter, &event));
	CHECK(epoll_wait(set, &event, 1, 0));
	CHECK(poll(&ready, 1, 0));
	FD_ZERO(&readable);
	FD_SET(counter, &readable);
	CHECK(select(counter + 1, &readable, NULL, NULL, &(struct timeval){ 0 }));
	CHECK(read(counter, &value, sizeof(value)));
	close(set);
	close(counter);
	return value;
}

static uint64_t watches(void)
{
	char buffer[512];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	ssize_t n;

	CHECK(fd);
	CHECK(inotify_add_watch(fd, "/tmp", IN_CREATE | IN_DELETE));
	CHECK(mknod("/tmp/seen", S_IFREG | 0600, 0));
	CHECK(unlink("/tmp/seen"));
	n = read(fd, buffer, sizeof(buffer));
	close(fd);
	return n;
}

static uint64_t system_v(void)
{
	struct {
		long type;
		char text[32];
	} message = { 1, "message" };
	struct sembuf up = { 0, 1, 0 }, down = { 0, -1, 0 };
	int memory = shmget(IPC_PRIVATE, 4 * PAGE_BYTES, 0600);
	int semaphore = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);
	char *p;
	ssize_t n;

	CHECK(memory);
	CHECK(semaphore);
	CHECK(queue);
	p = shmat(memory, NULL, 0);
	if (p == (void *)-1)
		return OPERATION_FAILED;
	p[PAGE_BYTES] = 1;
	CHECK(shmdt(p));
	CHECK(shmctl(memory, IPC_RMID, NULL));
	CHECK(semop(semaphore, &up, 1));
	CHECK(semop(semaphore, &down, 1));
	CHECK(semctl(semaphore, 0, IPC_RMID));
	CHECK(msgsnd(queue, &message, sizeof(message.text), 0));
	n = msgrcv(queue, &message, sizeof(message.text), 1, 0);
	CHECK(msgctl(queue, IPC_RMID, NULL));
	return n;
}

static uint64_t futexes(void)
{
	static uint32_t word = 1;
	struct timespec soon = { .tv_nsec = 1000 };
	long woken = syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);

	syscall(SYS_futex, &word, FUTEX_WAIT, 1, &soon, NULL, 0); /* times out */
	CHECK(woken);
	return word + woken;
}

static uint64_t scheduling(void)
{
	struct sched_param p;
	cpu_set_t cpus;

	CHECK(sched_getparam(0, &p));
	CHECK(sched_getaffinity(0, sizeof(cpus), &cpus));
	CHECK(sched_setaffinity(0, sizeof(cpus), &cpus));
	CHECK(setpriority(PRIO_PROCESS, 0, 0));
	for (int i = 0; i < 4; i++)
		sched_yield();
	return CPU_COUNT(&cpus) + sched_getscheduler(0) + sched_get_priority_max(SCHED_FIFO);
}

static uint64_t asynchronous_io(void)
{
	aio_context_t context = 0;
	char buffer[64] = "";
	int fd = open("/init", O_RDONLY);
	struct iocb request = { .aio_lio_opcode = IOCB_CMD_PREAD,
				.aio_fildes = fd,
				.aio_buf = (uint64_t)(uintptr_t)buffer,
				.aio_nbytes = 4 };
	struct iocb *requests[] = { &request };
	struct io_event done;

	CHECK(fd);
	CHECK(syscall(SYS_io_setup, 4, &context));
	CHECK(syscall(SYS_io_submit, context, 1, requests));
	CHECK(syscall(SYS_io_getevents, context, 1, 1, &done, NULL));
	CHECK(syscall(SYS_io_destroy, context));
	close(fd);
	return buffer[1];
}

static uint64_t process_names(void)
{
	char name[16] = "";

	CHECK(prctl(PR_SET_NAME, "kernels"));
	CHECK(prctl(PR_GET_NAME, name));
	umask(umask(022));
	return strlen(name) + getpriority(PRIO_PROCESS, 0);
}

static uint64_t read_all(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	CHECK(fd);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		;
	close(fd);
	return n < 0 ? OPERATION_FAILED : 1;
}

/* What these files say differs from time to time: that they can be read is the result. */
static uint64_t proc_files(void)
{
	static const char *const paths[] = {
		"/proc/self/stat", "/proc/self/status", "/proc/self/maps",   "/proc/self/smaps",
		"/proc/self/io",   "/proc/meminfo",	"/proc/vmstat",	     "/proc/stat",
		"/proc/cpuinfo",   "/proc/interrupts",	"/proc/filesystems", "/proc/mounts",
		"/proc/loadavg",   "/proc/slabinfo",	"/proc/buddyinfo",   "/proc/zoneinfo",
		"/proc/version",   "/proc/devices",	"/proc/iomem",	     "/proc/cmdline",
	};
	uint64_t readable = 0;

	for (unsigned int i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		readable += read_all(paths[i]) == 1;
	return readable;
}

static uint64_t sys_files(void)
{
	static const char *const paths[] = {
		"/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/block/vda/stat",
		"/sys/devices/system/cpu/online",
		"/sys/class/tty/tty0/active",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
		"/sys/bus/virtio/devices/virtio0/features",
		"/proc/sys/kernel/ostype",
		"/proc/sys/vm/overcommit_memory",
		"/proc/sys/kernel/pid_max",
	};
	uint64_t readable = 0;

	for (unsigned int i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		readable += read_all(paths[i]) == 1;
	return readable;
}

/* Errors take paths of their own. */
static uint64_t refusals(void)
{
	uint64_t sum = 0;

	sum += open("/nowhere", O_RDONLY) < 0 ? errno : 0;
	sum += mkdir("/proc/x", 0700) < 0 ? errno : 0;
	sum += kill(1000000, 0) < 0 ? errno : 0;
	sum += setxattr("/tmp", "user.x", "y", 1, 0) < 0 ? 1 : 0;
	sum += mmap((void *)1, 1, PROT_READ, MAP_FIXED | MAP_SHARED, -1, 0) == MAP_FAILED ? errno :
											    0;
	sum += execl("/proc/version", "x", NULL) < 0 ? errno : 0;
	return sum;
}

const struct operation operations[] = {
	{ "identity", identity },
	{ "clocks", clocks },
	{ "anonymous_memory", anonymous_memory },
	{ "memory_file", memory_file },
	{ "break_and_limits", break_and_limits },
	{ "child_process", child_process },
	{ "program_start", program_start },
	{ "signals", signals },
	{ "signal_descriptor", signal_descriptor },
	{ "timers", timers },
	{ "pipes", pipes },
	{ "splices", splices },
	{ "files", files },
	{ "directories", directories },
	{ "mounts", mounts },
	{ "waits", waits },
	{ "watches", watches },
	{ "system_v", system_v },
	{ "futexes", futexes },
	{ "scheduling", scheduling },
	{ "asynchronous_io", asynchronous_io },
	{ "process_names", process_names },
	{ "proc_files", proc_files },
	{ "sys_files", sys_files },
	{ "refusals", refusals },
};

const unsigned int noperations = sizeof(operations) / sizeof(*operations);
