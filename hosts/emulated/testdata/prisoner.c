// SPDX-License-Identifier: Apache-2.0
/*
 * Tries to leave the cage, and says what it could do: see cage_test.ts.
 *
 *   prisoner FOLDER SECRET | --raise SIGNAL | --exit STATUS | --leave FILE
 *            | --hoard MIB | --fill FILE | --spin SECONDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void say(const char *what, const char *found)
{
	printf("%s: %s\n", what, found);
}

static int can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	if (fd < 0)
		return 0;
	(void)!write(fd, "written", 7);
	close(fd);
	return 1;
}

/* Effective, permitted and inheritable, as capget(2) gives them. */
static int capabilities(void)
{
	unsigned int header[2] = { 0x20080522, 0 };
	unsigned int sets[6] = { 0 };
	unsigned int all = 0;

	syscall(SYS_capget, header, sets);
	for (int i = 0; i < 6; i++)
		all |= sets[i];
	return all != 0;
}

/* Any address will do: without a network it is the route that is missing. */
static int network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(0x7f000001);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return 1;
	return 0;
}

/* Processes of this user that could be sent a signal, but for its own and the first of the namespace. */
static int other_processes(void)
{
	for (int pid = 2; pid < 65536; pid++)
		if (pid != getpid() && kill(pid, 0) == 0)
			return 1;
	return 0;
}

static void try_all(const char *program, const char *folder, const char *secret)
{
	char path[4096];

	say("root user", getuid() == 0 || geteuid() == 0 || getgid() == 0 ? "yes" : "no");
	say("new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "no" : "yes");
	say("capabilities", capabilities() ? "some" : "none");
	say("secret", access(secret, F_OK) == 0 || access("/etc/passwd", F_OK) == 0 ? "yes" : "no");
	say("network", network() ? "yes" : "no");
	say("other processes", other_processes() ? "yes" : "no");
	say("own program", can_write(program) ? "written" : "not to be written");
	snprintf(path, sizeof(path), "%s/written", folder);
	say("own folder", can_write(path) ? "written" : "not to be written");
	say("root folder", can_write("/written") ? "written" : "not to be written");
	say("namespaces of its own", unshare(CLONE_NEWUSER) == 0 ? "yes" : "no");
	say("another root", chroot(folder) == 0 ? "yes" : "no");
	snprintf(path, sizeof(path), "%s/link", folder);
	say("links out of the folder", link(program, path) == 0 ? "yes" : "no");
	(void)!symlink(secret, path);
	printf("variables:");
	for (char **at = environ; *at != NULL; at++)
		printf(" %.*s", (int)strcspn(*at, "="), *at);
	printf("\n");
}

/* A child that leaves its group and counts on in a file. */
static void leave(const char *path)
{
	if (fork() != 0)
		return;
	setsid();
	for (int i = 0; i < 600; i++) {
		FILE *file = fopen(path, "w");

		if (file != NULL) {
			fprintf(file, "%d\n", i);
			fclose(file);
		}
		usleep(50000);
	}
	exit(0);
}

/* Says how many MiB of memory it has got. */
static void hoard(int most_mib)
{
	int got_mib = 0;

	while (got_mib < most_mib) {
		char *memory = malloc(1 << 20);

		if (memory == NULL)
			break;
		memset(memory, 1, 1 << 20);
		got_mib++;
	}
	printf("%d\n", got_mib);
}

/* Without an end, unless somebody sets one. */
static void fill(const char *path)
{
	static const char piece[1 << 16];
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	while (fd >= 0 && write(fd, piece, sizeof(piece)) > 0)
		;
}

static void spin(int seconds)
{
	time_t end = time(NULL) + seconds;

	while (time(NULL) < end)
		;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "--raise") == 0)
		raise(atoi(argv[2]));
	if (strcmp(argv[1], "--exit") == 0)
		return atoi(argv[2]);
	if (strcmp(argv[1], "--hoard") == 0) {
		hoard(atoi(argv[2]));
		return 0;
	}
	if (strcmp(argv[1], "--fill") == 0) {
		fill(argv[2]);
		return 0;
	}
	if (strcmp(argv[1], "--spin") == 0) {
		spin(atoi(argv[2]));
		return 0;
	}
	if (strcmp(argv[1], "--leave") == 0) {
		leave(argv[2]);
		/* Until it has begun, and its standard output is no longer waited for. */
		usleep(200000);
		return 0;
	}
	try_all(argv[0], argv[1], argv[2]);
	return 0;
}
