package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SpecException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * An architecture that a filter decides for: its name in the runtime specification, libseccomp's token, the AUDIT_ARCH_
 * value that the kernel shows to filters, and the offset of its call numbers.
 */
enum Architecture {
    X86_64("SCMP_ARCH_X86_64", 0xC000003E, 0xC000003E, 0),
    X86("SCMP_ARCH_X86", 0x40000003, 0x40000003, 0),
    /** Shares x86_64's audit value; its calls have bit 30 set. libseccomp's token is the 32-bit form. */
    X32("SCMP_ARCH_X32", 0x4000003E, 0xC000003E, 0x40000000),
    AARCH64("SCMP_ARCH_AARCH64", 0xC00000B7, 0xC00000B7, 0),
    ARM("SCMP_ARCH_ARM", 0x40000028, 0x40000028, 0);

    /** Of the specification, most of which this engine does not run on. */
    static final List<String> NAMES = Stream.of(
                    "X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390"
                            + " S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB")
            .flatMap(names -> Arrays.stream(names.split(" ", -1)))
            .map(name -> "SCMP_ARCH_" + name)
            .toList();

    final String ociName;
    final int token;
    final int audit;
    final int offset;

    Architecture(String ociName, int token, int audit, int offset) {
        this.ociName = ociName;
        this.token = token;
        this.audit = audit;
        this.offset = offset;
    }

    /** The native architecture first, then those whose programs the same kernel runs. */
    static List<String> of(Host host) {
        return switch (host.architecture()) {
            case "amd64" -> List.of(X86_64.ociName, X86.ociName, X32.ociName);
            case "arm64" -> List.of(AARCH64.ociName, ARM.ociName);
            default -> throw new SpecException("linux.seccomp", "no filters for architecture " + host.architecture());
        };
    }

    /** For one of {@link #of}. */
    static Architecture named(String ociName) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.ociName.equals(ociName))
                .findFirst()
                .orElseThrow();
    }

    /** @throws SpecException if the specification has no such name */
    static void requireKnown(String ociName) {
        if (!NAMES.contains(ociName)) {
            throw new SpecException("linux.seccomp.architectures", "\"" + ociName + "\" is no architecture");
        }
    }
}
