/*
 * Ends a part of Flotilla before one of its system calls: kill_at agent|shim|container|helper NUMBER THREAD
 *
 * THREAD is the thread of an agent that is about to start a container. Says "ready" once it watches it. The NUMBERth call
 * with an effect is then not made: of that thread itself (the whole agent ends), of the shim that it starts, or of the first
 * process that this shim clones. Says "killed before CALL" or, if there were fewer calls, "passed NUMBER".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                                        \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)

/* What a process does to itself alone, so that dying before it is like dying after it. */
static const long harmless[] = {
    SYS_futex,     SYS_mmap,         SYS_munmap,        SYS_mprotect,       SYS_madvise,       SYS_brk,
    SYS_read,      SYS_pread64,      SYS_fstat,         SYS_newfstatat,     SYS_statx,         SYS_lseek,
    SYS_getpid,    SYS_gettid,       SYS_getuid,        SYS_geteuid,        SYS_clock_gettime, SYS_sched_yield,
    SYS_nanosleep, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_clock_nanosleep, SYS_getdents64,   SYS_getcwd,
    SYS_access,    SYS_faccessat,    SYS_poll,          SYS_ppoll,          SYS_readlink,      SYS_readlinkat,
    SYS_fcntl,     SYS_uname,        SYS_arch_prctl,    SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
};

struct trace {
    const char *target;
    long wanted;
    pid_t thread;
    pid_t shim;
    pid_t watched; /* whose calls are counted */
    long calls;
};

static bool counts(long number) {
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (harmless[i] == number) {
            return false;
        }
    }
    return true;
}

static bool runs_shim(pid_t pid) {
    char path[64];
    char program[256] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
    return readlink(path, program, sizeof program - 1) > 0 && strstr(program, "flotilla-shim") != NULL;
}

static void go_on(const struct trace *trace, pid_t pid, int signal) {
    (void)ptrace(pid == trace->watched ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (void *)(long)signal);
}

static void leave(pid_t pid) {
    (void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* A stop before a call; true if it was the last. */
static bool call(struct trace *trace, pid_t pid) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY ||
        !counts((long)info.entry.nr) || ++trace->calls < trace->wanted) {
        return false;
    }
    (void)kill(pid, SIGKILL);
    printf("killed before %ld\n", (long)info.entry.nr);
    return true;
}

/* The shim's children: the first process of a new pid namespace, and the helper that mounts for it. */
static bool wanted_child(const struct trace *trace, pid_t child) {
    char path[64];
    char text[4096];
    (void)snprintf(path, sizeof path, "/proc/%d/status", child);
    FILE *file = fopen(path, "r");
    size_t length = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    text[length] = '\0';
    const char *parent = strstr(text, "\nPPid:");
    const char *numbers = strstr(text, "\nNSpid:");
    if (trace->shim == 0 || parent == NULL || numbers == NULL || atoi(parent + 6) != trace->shim) {
        return false;
    }
    int here;
    int inside;
    bool first = sscanf(numbers, "\nNSpid: %d %d\n", &here, &inside) == 2 && inside == 1;
    return strcmp(trace->target, first ? "container" : "helper") == 0;
}

/* A process that was born traced; its first stop. */
static void born(struct trace *trace, pid_t pid) {
    bool wanted = trace->watched == 0 && wanted_child(trace, pid);
    if (wanted) {
        trace->watched = pid;
    }
    if (wanted || trace->shim == 0) {
        go_on(trace, pid, 0); /* before the shim's exec it cannot be known for what it is */
    } else {
        leave(pid);
    }
}

static void started(struct trace *trace, pid_t pid) {
    if (trace->shim == 0 && runs_shim(pid)) {
        trace->shim = pid;
        if (strcmp(trace->target, "shim") == 0) {
            trace->watched = pid;
        }
    }
    go_on(trace, pid, 0);
}

/* Returns whether there is more to come. */
static bool stopped(struct trace *trace, pid_t pid, int status) {
    int signal = WSTOPSIG(status);
    int event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) {
        if (call(trace, pid)) {
            return false;
        }
        go_on(trace, pid, 0);
    } else if (event == PTRACE_EVENT_STOP) {
        if (pid == trace->thread || pid == trace->shim || pid == trace->watched) {
            go_on(trace, pid, 0);
        } else {
            born(trace, pid);
        }
    } else if (event == PTRACE_EVENT_EXEC) {
        if (pid == trace->watched && strcmp(trace->target, "container") == 0) {
            leave(pid);
            return false;
        }
        started(trace, pid);
    } else if (event != 0) {
        go_on(trace, pid, 0);
    } else {
        go_on(trace, pid, signal);
    }
    return true;
}

int main(int count, char **arguments) {
    if (count != 4) {
        return 2;
    }
    struct trace trace = {.target = arguments[1], .wanted = atol(arguments[2]), .thread = (pid_t)atol(arguments[3])};
    if (strcmp(trace.target, "agent") == 0) {
        trace.watched = trace.thread;
    }
    if (ptrace(PTRACE_SEIZE, trace.thread, NULL, (void *)(long)OPTIONS) < 0 ||
        ptrace(PTRACE_INTERRUPT, trace.thread, NULL, NULL) < 0) {
        perror("ptrace");
        return 1;
    }
    int status;
    pid_t pid;
    bool more = waitpid(trace.thread, &status, __WALL) == trace.thread && stopped(&trace, trace.thread, status);
    (void)puts("ready");
    (void)fflush(stdout);
    while (more && (pid = waitpid(-1, &status, __WALL)) > 0) {
        more = WIFSTOPPED(status) ? stopped(&trace, pid, status) : pid != trace.watched;
    }
    if (trace.calls < trace.wanted) {
        printf("passed %ld\n", trace.calls);
    }
    return 0; /* whatever is still traced goes on by itself */
}
