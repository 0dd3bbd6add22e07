package io.flotilla.agent.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/**
 * One filter under construction in libseccomp. Rules added before an architecture was added do not reach it; libseccomp
 * translates calls between architectures by name, so that only the native one can have rules for calls without a name.
 */
public final class SeccompLibrary implements AutoCloseable {

    /** A comparison of one argument; {@code operator} as libseccomp numbers them: NE 1, LT, LE, EQ, GE, GT, MASKED_EQ 7. */
    public record Comparison(int argument, int operator, long value, long second) {}

    private static final int NO_SUCH_CALL = -1;
    private static final int ATTRIBUTE_NO_NEW_PRIVS = 3;
    private static final int ATTRIBUTE_OPTIMIZE = 8;
    private static final int OPTIMIZE_TREE = 2;
    private static final int COMPARISON_BYTES = 24;

    private final Pointer context;

    /** Bound by jnr-ffi; every int result is 0 or a negative errno. */
    public interface Libseccomp {
        Pointer seccomp_init(int action);

        void seccomp_release(Pointer context);

        int seccomp_attr_set(Pointer context, int attribute, int value);

        int seccomp_arch_add(Pointer context, int architecture);

        int seccomp_rule_add_array(Pointer context, int action, int call, int count, Pointer comparisons);

        int seccomp_export_bpf(Pointer context, int fd);

        int seccomp_syscall_resolve_name(@In String name);

        int seccomp_syscall_resolve_name_arch(int architecture, @In String name);
    }

    /** Loaded on first use, so that the agent starts, and can say what is missing, on a host without the library. */
    private static final class Loaded {
        static final Libseccomp LIBRARY = Native.bind(Libseccomp.class, "libseccomp.so.2");
    }

    /** @param defaultAction as in seccomp.h, for example {@code 0x00050000 | errno} */
    public SeccompLibrary(int defaultAction) throws KernelException {
        Pointer made = Loaded.LIBRARY.seccomp_init(defaultAction);
        if (made == null) {
            throw new KernelException("seccomp_init", "", Errno.EINVAL);
        }
        context = made;
        check(Loaded.LIBRARY.seccomp_attr_set(context, ATTRIBUTE_NO_NEW_PRIVS, 0), "seccomp_attr_set", "");
        // Older libraries have no tree; they chain the comparisons, which is slower and means the same.
        Loaded.LIBRARY.seccomp_attr_set(context, ATTRIBUTE_OPTIMIZE, OPTIMIZE_TREE);
    }

    /** Whether the library is on this host. */
    public static boolean present() {
        try {
            return Loaded.LIBRARY != null;
        } catch (LinkageError e) {
            return false;
        }
    }

    /** The call's number on the native architecture, negative for one of other architectures; empty if unknown. */
    public static OptionalInt resolve(String call) {
        int number = Loaded.LIBRARY.seccomp_syscall_resolve_name(call);
        return number == NO_SUCH_CALL ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** The call's number on one architecture, negative if it is not there; empty if unknown. */
    public static OptionalInt resolve(int architecture, String call) {
        int number = Loaded.LIBRARY.seccomp_syscall_resolve_name_arch(architecture, call);
        return number == NO_SUCH_CALL ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** @param architecture an AUDIT_ARCH_ constant, or libseccomp's own token for x32 */
    public void addArchitecture(int architecture) throws KernelException {
        int result = Loaded.LIBRARY.seccomp_arch_add(context, architecture);
        if (result != -Errno.EEXIST.number()) {
            check(result, "seccomp_arch_add", Integer.toHexString(architecture));
        }
    }

    /** A rule that an earlier one makes superfluous is left out. */
    public void addRule(int action, int call, List<Comparison> comparisons) throws KernelException {
        Pointer array = Native.memory(Math.max(1, comparisons.size()) * COMPARISON_BYTES);
        for (int i = 0; i < comparisons.size(); i++) {
            Comparison comparison = comparisons.get(i);
            array.putInt(i * (long) COMPARISON_BYTES, comparison.argument());
            array.putInt(i * (long) COMPARISON_BYTES + 4, comparison.operator());
            array.putLong(i * (long) COMPARISON_BYTES + 8, comparison.value());
            array.putLong(i * (long) COMPARISON_BYTES + 16, comparison.second());
        }
        int result = Loaded.LIBRARY.seccomp_rule_add_array(context, action, call, comparisons.size(), array);
        if (result != -Errno.EEXIST.number()) {
            check(result, "add seccomp rule for call", String.valueOf(call));
        }
    }

    /** The filter as the kernel takes it: an array of struct sock_filter, 8 bytes each. */
    public byte[] program() throws IOException {
        try (Fd file = Descriptors.memory("seccomp", new byte[0])) {
            check(Loaded.LIBRARY.seccomp_export_bpf(context, file.number()), "seccomp_export_bpf", "");
            return Files.readAllBytes(Path.of(file.path()));
        }
    }

    private static void check(int result, String operation, String subject) throws KernelException {
        if (result < 0) {
            throw new KernelException(operation, subject, Errno.of(-result));
        }
    }

    @Override
    public void close() {
        Loaded.LIBRARY.seccomp_release(context);
    }
}
