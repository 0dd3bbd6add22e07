package io.flotilla.agent.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What /proc says of a process (proc_pid_stat(5)).
 *
 * @param state a letter; Z and X are those of a process that has ended
 * @param startTime in clock ticks since boot
 */
public record ProcessStat(char state, long startTime) {

    /** Empty when there is no such process. */
    public static Optional<ProcessStat> read(int pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"), StandardCharsets.ISO_8859_1);
            // The second field is the command in parentheses and may itself contain blanks and parentheses.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(new ProcessStat(fields[0].charAt(0), Long.parseLong(fields[19])));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException e) {
            // A process that ends between open and read gives ESRCH.
            if (!Files.exists(Path.of("/proc", String.valueOf(pid)))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether it has ended and only waits to be collected. */
    public boolean ended() {
        return state == 'Z' || state == 'X';
    }

    /** The random id of this boot of the kernel, without which a start time says nothing. */
    public static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }
}
