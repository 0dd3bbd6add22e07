package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;

/** Programs that the kernel asks before a process of a control group makes or opens a device; see bpf(2). */
public final class DevicePrograms {

    private static final long SYS_BPF = System.getProperty("os.arch", "").equals("aarch64") ? 280 : 321;
    private static final int PROG_LOAD = 5;
    private static final int PROG_ATTACH = 8;
    private static final int TYPE_CGROUP_DEVICE = 15;
    private static final int ATTACH_CGROUP_DEVICE = 6;
    private static final int INSTRUCTION_BYTES = 8;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        long syscall(long number, int command, Pointer attributes, @size_t long size);
    }

    private DevicePrograms() {}

    /**
     * Puts the program in the place of the one that was attached before. It goes with the group.
     *
     * @param group directory on cgroup2
     * @param program instructions as the kernel takes them, 8 bytes each
     */
    public static void attach(String group, byte[] program) throws KernelException {
        try (Fd directory = Descriptors.open(group, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0);
                Fd loaded = load(group, program)) {
            Pointer attributes = Native.memory(16);
            attributes.putInt(0, directory.number());
            attributes.putInt(4, loaded.number());
            attributes.putInt(8, ATTACH_CGROUP_DEVICE);
            call(PROG_ATTACH, attributes, 16, "attach the device filter to", group);
        }
    }

    private static Fd load(String group, byte[] program) throws KernelException {
        Pointer instructions = Native.memory(program.length);
        instructions.put(0, program, 0, program.length);
        byte[] name = "Apache-2.0\0".getBytes(StandardCharsets.US_ASCII);
        Pointer licence = Native.memory(name.length);
        licence.put(0, name, 0, name.length);
        Pointer attributes = Native.memory(48);
        attributes.putInt(0, TYPE_CGROUP_DEVICE);
        attributes.putInt(4, program.length / INSTRUCTION_BYTES);
        attributes.putLong(8, instructions.address());
        attributes.putLong(16, licence.address());
        return new Fd((int) call(PROG_LOAD, attributes, 48, "load the device filter of", group));
    }

    private static long call(int command, Pointer attributes, int size, String operation, String subject)
            throws KernelException {
        return KernelException.check(LIBC.syscall(SYS_BPF, command, attributes, size), operation, subject);
    }
}
