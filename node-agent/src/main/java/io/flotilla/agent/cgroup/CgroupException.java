package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A control group operation that the kernel refused: what was tried, on which file, and its answer. */
public final class CgroupException extends RuntimeException {

    CgroupException(String operation, Path path, String problem) {
        super(operation + " " + path + ": " + problem);
    }

    CgroupException(String operation, Path path, IOException cause) {
        super(operation + " " + path + ": " + reason(cause), cause);
    }

    static String reason(IOException e) {
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
