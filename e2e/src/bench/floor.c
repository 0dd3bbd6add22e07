/*
 * The floor: the least that any engine has to ask of the kernel for one container. One clone3 with all namespaces, an
 * overlay over the image, /proc and /dev, pivot_root, exec of /bin/true, wait. No cgroup, no seccomp, no log, no checks.
 *
 * usage: floor IMAGE_DIR WORK_DIR RUNS       prints the microseconds of each run, one in each line
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 1024 };

static void need(int ok, const char *what) {
	if (!ok) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(1);
	}
}

static void container(const char *options, const char *root) {
	char *const argv[] = {(char *)"true", NULL};
	char *const envp[] = {NULL};
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "make mounts private");
	need(mount("overlay", root, "overlay", 0, options) == 0, "mount overlay");
	need(chdir(root) == 0, "enter root");
	need(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0, "mount proc");
	need(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=64k") == 0, "mount dev");
	need(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
	need(umount2(".", MNT_DETACH) == 0, "leave the old root");
	need(chdir("/") == 0, "enter the new root");
	execve("/bin/true", argv, envp);
	need(0, "exec /bin/true");
}

static void run(const char *options, const char *root) {
	struct clone_args args;
	int status = 0;
	memset(&args, 0, sizeof args);
	args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
	args.exit_signal = SIGCHLD;
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	need(child >= 0, "clone3");
	if (child == 0) {
		container(options, root);
	}
	need(waitpid(child, &status, 0) == child, "wait");
	errno = 0;
	need(status == 0, "/bin/true failed");
}

static long long now_micros(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv) {
	char upper[PATH_BYTES], work[PATH_BYTES], root[PATH_BYTES], options[4 * PATH_BYTES];
	if (argc != 4) {
		fprintf(stderr, "usage: floor IMAGE_DIR WORK_DIR RUNS\n");
		return 2;
	}
	snprintf(upper, sizeof upper, "%s/upper", argv[2]);
	snprintf(work, sizeof work, "%s/work", argv[2]);
	snprintf(root, sizeof root, "%s/root", argv[2]);
	need(mkdir(upper, 0755) == 0 || errno == EEXIST, "make upper");
	need(mkdir(work, 0755) == 0 || errno == EEXIST, "make work");
	need(mkdir(root, 0755) == 0 || errno == EEXIST, "make root");
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", argv[1], upper, work);
	for (int i = atoi(argv[3]); i > 0; i--) {
		long long start = now_micros();
		run(options, root);
		printf("%lld\n", now_micros() - start);
	}
	return 0;
}
