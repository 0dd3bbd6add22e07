package io.flotilla.agent.cgroup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** One file of a control group. A value is written by one write(2), since the kernel parses each write by itself. */
record CgroupFile(Path path) {

    static CgroupFile at(Path group, String name) {
        return new CgroupFile(group.resolve(name));
    }

    boolean exists() {
        return Files.exists(path);
    }

    String read() {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            throw new CgroupException("read", path, e);
        }
    }

    void write(String value) {
        try {
            writeOnce(value);
        } catch (IOException e) {
            throw new CgroupException("write \"" + value + "\" to", path, e);
        }
    }

    private void writeOnce(String value) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** Writes unless the kernel or the hierarchy has no such file. */
    void writeIfPresent(String value) {
        if (exists()) {
            write(value);
        }
    }

    /** Moves a process into the group; false if it has ended in the meantime. */
    boolean addProcess(long pid) {
        try {
            writeOnce(Long.toString(pid));
            return true;
        } catch (IOException e) {
            if (CgroupException.reason(e).contains("No such process")) {
                return false;
            }
            throw new CgroupException("move process " + pid + " into", path, e);
        }
    }

    /** Empty if the file is absent or says {@code max}, -1 or v1's "no limit", a number near 2^63. */
    OptionalLong readLimit() {
        String value = readOrEmpty();
        if (value.isEmpty() || value.equals("max")) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(value);
        return number < 0 || number >= Long.MAX_VALUE - (1L << 20) ? OptionalLong.empty() : OptionalLong.of(number);
    }

    /** 0 if the file is absent. */
    long readNumber() {
        String value = readOrEmpty();
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    private String readOrEmpty() {
        try {
            return Files.readString(path).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new CgroupException("read", path, e);
        }
    }

    /** A flat keyed file ({@code memory.stat}, {@code cpu.stat}); empty if it is absent. */
    Map<String, Long> readKeyed() {
        Map<String, Long> values = new HashMap<>();
        for (String line : readOrEmpty().split("\n", -1)) {
            int space = line.lastIndexOf(' ');
            if (space > 0) {
                values.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            }
        }
        return values;
    }
}
