package io.flotilla.agent.engine.launch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a launch plan as the shim's {@code plan.h} lays it out: a header, then per step its code and length and fields,
 * all little-endian, strings with their length and a closing zero byte so that C can use them in place.
 */
final class PlanEncoder {

    /** "FLPL" read as a little-endian number. */
    static final int MAGIC = 0x4c504c46;

    static final int VERSION = 1;
    private static final int HEADER_BYTES = 16;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(16384);

    ByteBuffer encode(LaunchPlan plan) {
        for (Step step : plan.steps()) {
            step(step);
        }
        byte[] body = bytes.toByteArray();
        return ByteBuffer.allocate(HEADER_BYTES + body.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) (plan.kind() == LaunchPlan.Kind.EXEC ? 1 : 0))
                .putInt(plan.steps().size())
                .putInt(HEADER_BYTES + body.length)
                .put(body)
                .flip();
    }

    private void step(Step step) {
        PlanEncoder fields = new PlanEncoder();
        int code = fields.fields(step);
        u32(code);
        u32(fields.bytes.size());
        bytes.writeBytes(fields.bytes.toByteArray());
    }

    /** Writes the fields and returns the step's code. */
    private int fields(Step step) {
        return switch (step) {
            case Step.Namespaces s -> namespaces(s);
            case Step.IdMaps s -> text(lines(s.uids())).text(lines(s.gids())).code(2);
            case Step.Stdio s ->
                flag(s.terminal())
                        .flag(s.stdin())
                        .u32(s.rows())
                        .u32(s.columns())
                        .code(3);
            case Step.Log s -> u32(s.segments()).u64(s.segmentBytes()).code(4);
            case Step.JoinCgroup s -> text(s.directory()).code(5);
            case Step.OomScore s -> text(String.valueOf(s.adjustment())).code(6);
            case Step.ResourceLimit s ->
                u32(s.resource()).u64(s.soft()).u64(s.hard()).code(7);
            case Step.OverlayRoot s -> overlay(s);
            case Step.DirectoryRoot s -> text(s.directory()).flag(s.idmapped()).code(9);
            case Step.Bind s -> bind(s);
            case Step.FileSystem s ->
                text(s.type())
                        .text(s.source())
                        .text(s.target())
                        .u32(bits(s.attributes()))
                        .u32(s.propagation().encoded())
                        .flag(s.filled())
                        .list(s.options())
                        .code(11);
            case Step.DeviceNode s -> device(s);
            case Step.SymbolicLink s -> text(s.path()).text(s.content()).code(13);
            case Step.Console _ -> code(14);
            case Step.MaskedPath s -> text(s.path()).code(15);
            case Step.ReadOnlyPath s -> text(s.path()).code(16);
            case Step.ReadOnlyRoot _ -> code(17);
            case Step.PivotRoot s -> u32(s.propagation().encoded()).code(18);
            case Step.Sysctl s -> text(s.path()).text(s.value()).code(19);
            case Step.HostName s -> text(s.name()).code(20);
            case Step.DomainName s -> text(s.name()).code(21);
            case Step.WorkingDirectory s -> text(s.path()).flag(s.create()).code(22);
            case Step.Umask s -> u32(s.mask()).code(23);
            case Step.Identity s -> identity(s);
            case Step.Capabilities s -> capabilities(s);
            case Step.NoNewPrivileges _ -> code(26);
            case Step.Seccomp s -> u32(s.flags()).blob(s.program()).code(27);
            case Step.SecurityLabel s -> text(s.module()).text(s.label()).code(28);
            case Step.IoPriority s -> u32(s.priorityClass()).u32(s.level()).code(29);
            case Step.Scheduler s -> scheduler(s);
            case Step.Remount s ->
                text(s.target()).attributes(s.own()).attributes(s.deep()).code(40);
            case Step.TimeOffsets s -> text(s.lines()).code(41);
            case Step.Personality s -> u32(s.domain()).code(42);
            case Step.CpuAffinity s -> blob(s.mask()).code(43);
            case Step.MemoryPolicy s -> u32(s.mode()).blob(s.nodes()).code(44);
            case Step.Checkpoint _ -> code(45);
            case Step.Hook s ->
                flag(s.atStart())
                        .text(s.path())
                        .u32(s.seconds())
                        .list(s.argv())
                        .list(s.environment())
                        .list(s.state())
                        .code(46);
            case Step.Listener s -> text(s.socket()).list(s.state()).code(48);
            case Step.Execute s ->
                list(s.candidates()).list(s.argv()).list(s.environment()).code(31);
            case Step.HandOver s ->
                u32(s.kept()).u32(flags(s.entered())).flag(s.newKeyring()).code(47);
        };
    }

    private int namespaces(Step.Namespaces step) {
        u32(flags(step.created()));
        u32(step.joined().size());
        // The user namespace last: the others may belong to one above it, where only the host's privilege counts.
        step.joined().entrySet().stream()
                .sorted(Map.Entry.<Namespace, Path>comparingByKey().reversed())
                .forEach(entry -> u32(entry.getKey().cloneFlag()).text(entry.getValue()));
        return 1;
    }

    private int overlay(Step.OverlayRoot step) {
        // overlayfs wants the topmost layer first.
        return text(step.parent())
                .list(step.lower().reversed())
                .text(step.upper())
                .text(step.work())
                .flag(step.idmapped())
                .code(8);
    }

    private int bind(Step.Bind step) {
        return text(step.source())
                .text(step.target())
                .flag(step.recursive())
                .u32(depth(step.idmapped().depth()))
                .attributes(step.own())
                .attributes(step.deep())
                .u32(step.propagation().encoded())
                .text(lines(step.idmapped().uids()))
                .text(lines(step.idmapped().gids()))
                .code(10);
    }

    private static int depth(Step.IdMapped.Depth depth) {
        return switch (depth) {
            case NOTHING -> 0;
            case MOUNT -> 1;
            case WITH_MOUNTS_BELOW -> 2;
        };
    }

    private static int kind(Step.DeviceNode.Kind kind) {
        return switch (kind) {
            case CHARACTER -> 0;
            case BLOCK -> 1;
            case FIFO -> 2;
        };
    }

    private int device(Step.DeviceNode step) {
        return text(step.path())
                .u32(kind(step.kind()))
                .u32(step.major())
                .u32(step.minor())
                .u32(step.mode())
                .u32((int) step.uid())
                .u32((int) step.gid())
                .flag(step.bound())
                .code(12);
    }

    private int identity(Step.Identity step) {
        u32((int) step.uid()).u32((int) step.gid()).u32(step.groups().size());
        step.groups().forEach(group -> u32(group.intValue()));
        return 24;
    }

    private int capabilities(Step.Capabilities step) {
        return u64(step.bounding())
                .u64(step.effective())
                .u64(step.permitted())
                .u64(step.inheritable())
                .u64(step.ambient())
                .code(25);
    }

    private int scheduler(Step.Scheduler step) {
        return u32(step.policy())
                .u32(step.nice())
                .u32(step.priority())
                .u64(step.flags())
                .u64(step.runtime())
                .u64(step.deadline())
                .u64(step.period())
                .code(30);
    }

    private static String lines(List<IdRange> ranges) {
        StringBuilder lines = new StringBuilder();
        ranges.forEach(range -> lines.append(range.line()));
        return lines.toString();
    }

    private static int flags(Set<Namespace> namespaces) {
        return namespaces.stream().mapToInt(Namespace::cloneFlag).reduce(0, (a, b) -> a | b);
    }

    private static int bits(Set<MountAttribute> attributes) {
        return attributes.stream().mapToInt(MountAttribute::bit).reduce(0, (a, b) -> a | b);
    }

    private PlanEncoder attributes(Step.Attributes attributes) {
        return u32(bits(attributes.set())).u32(bits(attributes.clear()));
    }

    private int code(int code) {
        return code;
    }

    private PlanEncoder flag(boolean value) {
        return u32(value ? 1 : 0);
    }

    private PlanEncoder u32(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            bytes.write(value >>> shift);
        }
        return this;
    }

    private PlanEncoder u64(long value) {
        return u32((int) value).u32((int) (value >>> Integer.SIZE));
    }

    private PlanEncoder text(Path value) {
        if (!value.isAbsolute()) {
            throw new IllegalArgumentException("path " + value + " of the launch plan is not absolute");
        }
        return text(value.toString());
    }

    private PlanEncoder text(String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a zero character in \"" + value.replace("\0", "\\0") + "\"");
        }
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        u32(encoded.length);
        bytes.writeBytes(encoded);
        bytes.write(0);
        return this;
    }

    private PlanEncoder list(List<String> values) {
        u32(values.size());
        values.forEach(this::text);
        return this;
    }

    private PlanEncoder blob(ByteBuffer value) {
        byte[] content = new byte[value.remaining()];
        value.duplicate().get(content);
        u32(content.length);
        bytes.writeBytes(content);
        return this;
    }
}
