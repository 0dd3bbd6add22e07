/*
 * Times a command from before its process exists until it has been waited for.
 *
 * usage: stopwatch COMMAND [ARG...]       prints microseconds; the command's own output is thrown away, but not its errors
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_micros(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv) {
	posix_spawn_file_actions_t actions;
	pid_t child = 0;
	int status = 0;
	if (argc < 2) {
		fprintf(stderr, "usage: stopwatch COMMAND [ARG...]\n");
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	long long start = now_micros();
	int error = posix_spawnp(&child, argv[1], &actions, NULL, argv + 1, environ);
	if (error != 0) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[1], strerror(error));
		return 1;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	long long micros = now_micros() - start;
	if (status != 0) {
		fprintf(stderr, "stopwatch: %s ended with wait status %d\n", argv[1], status);
		return 1;
	}
	printf("%lld\n", micros);
	return 0;
}
