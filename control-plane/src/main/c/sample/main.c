#include "sample.h"

#include <stdio.h>
#include <string.h>

/* Called by a link (/bin/ls) it is that tool; called as itself its first argument says which one, a server if none. */
int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    if (strcmp(name, "sample") != 0) {
        int code = tool(argc, argv);
        if (code != 127) {
            return code;
        }
    }
    if (argc < 2) {
        return serve();
    }
    int code = tool(argc - 1, argv + 1);
    if (code == 127) {
        fprintf(stderr, "sample: there is no tool \"%s\"\n", argv[1]);
    }
    return code;
}
