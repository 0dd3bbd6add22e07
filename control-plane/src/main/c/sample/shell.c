#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

/* Cuts a line into words at blanks; quotes keep blanks. Returns how many. */
static int split(char *line, char *words[MOST_WORDS])
{
    int count = 0;
    char *to = line;
    for (char *at = line; *at && count < MOST_WORDS - 1;) {
        at += strspn(at, " \t\r\n");
        if (!*at) {
            break;
        }
        words[count++] = to;
        char quote = 0;
        for (; *at && (quote || !strchr(" \t\r\n", *at)); at++) {
            if (quote ? *at == quote : *at == '"' || *at == '\'') {
                quote = quote ? 0 : *at;
            } else {
                *to++ = *at;
            }
        }
        if (*at) {
            at++;
        }
        *to++ = 0;
    }
    words[count] = NULL;
    return count;
}

static int run(int argc, char **argv)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        int code = tool(argc, argv);
        fflush(stdout);
        if (code == 127) {
            execvp(argv[0], argv);
            fprintf(stderr, "sh: %s: %s\n", argv[0], errno == ENOENT ? "not found" : strerror(errno));
            _exit(errno == ENOENT ? 127 : 126);
        }
        _exit(code);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int line_result(char *line, int last)
{
    char *words[MOST_WORDS];
    int count = split(line, words);
    if (count == 0 || words[0][0] == '#') {
        return last;
    }
    if (strcmp(words[0], "exit") == 0) {
        fflush(stdout);
        _exit(count > 1 ? atoi(words[1]) & 0xff : last);
    }
    if (strcmp(words[0], "cd") == 0) {
        const char *to = count > 1 ? words[1] : "/";
        if (chdir(to) != 0) {
            fprintf(stderr, "sh: cd: %s: %s\n", to, strerror(errno));
            return 1;
        }
        return 0;
    }
    if (strcmp(words[0], "help") == 0) {
        printf("cat cd echo env exit false hold MIB burn SECONDS hostname id ls ps sleep true tty, or a program's path;\n"
               "the sample has no pipes and variables\n");
        return 0;
    }
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "$?") == 0) {
            static char code[8];
            snprintf(code, sizeof code, "%d", last);
            words[i] = code;
        }
    }
    return run(count, words);
}

/* "a; b" runs both; quotes protect a semicolon. */
static int lines_result(char *lines, int last)
{
    char quote = 0;
    char *start = lines;
    for (char *at = lines;; at++) {
        if (!*at || (!quote && (*at == ';' || *at == '\n'))) {
            int end = !*at;
            *at = 0;
            last = line_result(start, last);
            if (end) {
                return last;
            }
            start = at + 1;
        } else if (quote ? *at == quote : *at == '"' || *at == '\'') {
            quote = quote ? 0 : *at;
        }
    }
}

int shell(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        return lines_result(argv[2], 0);
    }
    int last = 0;
    char line[4096];
    int interactive = isatty(STDIN_FILENO);
    signal(SIGINT, SIG_IGN);
    while (1) {
        if (interactive) {
            char host[64] = "";
            gethostname(host, sizeof host - 1);
            printf("%.32s:/ %c ", host, getuid() == 0 ? '#' : '$');
        }
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin)) {
            if (interactive) {
                printf("\n");
            }
            return last;
        }
        last = lines_result(line, last);
    }
}
