package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.engine.launch.Step.DeviceNode.Kind;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.SpecException;
import java.util.List;

/**
 * What every /dev holds by the runtime specification ("Default Devices") and the links that programs look for. In a user
 * namespace nobody can make device nodes, so those of the host are bound.
 */
record Devices(boolean bound) {

    private static final int EVERYBODY = 0666;
    private static final int PERMISSIONS = 07777;

    void add(List<Step> steps, List<LinuxSpec.Device> more) {
        node(steps, more, "/dev/null", 1, 3);
        node(steps, more, "/dev/zero", 1, 5);
        node(steps, more, "/dev/full", 1, 7);
        node(steps, more, "/dev/random", 1, 8);
        node(steps, more, "/dev/urandom", 1, 9);
        node(steps, more, "/dev/tty", 5, 0);
        for (int i = 0; i < more.size(); i++) {
            // Whoever lists all devices of a host lists its multiplexer, too; the container has that of its own devpts.
            if (!more.get(i).path().equals("/dev/ptmx")) {
                steps.add(device("linux.devices[" + i + "]", more.get(i)));
            }
        }
        steps.add(new Step.SymbolicLink("/dev/fd", "/proc/self/fd"));
        steps.add(new Step.SymbolicLink("/dev/stdin", "/proc/self/fd/0"));
        steps.add(new Step.SymbolicLink("/dev/stdout", "/proc/self/fd/1"));
        steps.add(new Step.SymbolicLink("/dev/stderr", "/proc/self/fd/2"));
        steps.add(new Step.SymbolicLink("/dev/ptmx", "pts/ptmx"));
    }

    /** A spec that lists one of these itself says what it shall be like. */
    private void node(List<Step> steps, List<LinuxSpec.Device> more, String path, int major, int minor) {
        if (more.stream().noneMatch(device -> device.path().equals(path))) {
            steps.add(new Step.DeviceNode(path, Kind.CHARACTER, major, minor, EVERYBODY, 0, 0, bound));
        }
    }

    private Step device(String field, LinuxSpec.Device device) {
        if (!device.path().startsWith("/")) {
            throw new SpecException(field + ".path", "\"" + device.path() + "\" is not absolute");
        }
        Kind kind = switch (device.type()) {
            case "c", "u" -> Kind.CHARACTER;
            case "b" -> Kind.BLOCK;
            case "p" -> Kind.FIFO;
            default -> throw new SpecException(field + ".type", "\"" + device.type() + "\" must be c, u, b or p");
        };
        if (kind != Kind.FIFO && (device.major() == null || device.minor() == null)) {
            throw new SpecException(field, "needs major and minor");
        }
        return new Step.DeviceNode(
                device.path(),
                kind,
                device.major() == null ? 0 : device.major().intValue(),
                device.minor() == null ? 0 : device.minor().intValue(),
                device.fileMode() == null ? EVERYBODY : device.fileMode() & PERMISSIONS,
                device.uid() == null ? 0 : device.uid(),
                device.gid() == null ? 0 : device.gid(),
                bound && kind != Kind.FIFO);
    }
}
