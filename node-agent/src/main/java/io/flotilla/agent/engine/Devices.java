package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.SpecException;
import java.util.List;

/**
 * What every /dev holds by the runtime specification ("Default Devices") and the links that programs look for. In a user
 * namespace nobody can make device nodes, so those of the host are bound.
 */
record Devices(boolean bound) {

    private static final int EVERYBODY = 0666;

    void add(List<Step> steps, List<LinuxSpec.Device> more) {
        node(steps, "/dev/null", 1, 3);
        node(steps, "/dev/zero", 1, 5);
        node(steps, "/dev/full", 1, 7);
        node(steps, "/dev/random", 1, 8);
        node(steps, "/dev/urandom", 1, 9);
        node(steps, "/dev/tty", 5, 0);
        for (int i = 0; i < more.size(); i++) {
            add(steps, "linux.devices[" + i + "]", more.get(i));
        }
        steps.add(new Step.SymbolicLink("/dev/fd", "/proc/self/fd"));
        steps.add(new Step.SymbolicLink("/dev/stdin", "/proc/self/fd/0"));
        steps.add(new Step.SymbolicLink("/dev/stdout", "/proc/self/fd/1"));
        steps.add(new Step.SymbolicLink("/dev/stderr", "/proc/self/fd/2"));
        steps.add(new Step.SymbolicLink("/dev/ptmx", "pts/ptmx"));
    }

    private void node(List<Step> steps, String path, int major, int minor) {
        steps.add(new Step.DeviceNode(path, false, major, minor, EVERYBODY, 0, 0, bound));
    }

    private void add(List<Step> steps, String field, LinuxSpec.Device device) {
        boolean block = device.type().equals("b");
        if (!block && !device.type().equals("c") && !device.type().equals("u")) {
            throw new SpecException(field + ".type", "\"" + device.type() + "\" is not supported");
        }
        if (device.major() == null || device.minor() == null) {
            throw new SpecException(field, "needs major and minor");
        }
        steps.add(new Step.DeviceNode(
                device.path(),
                block,
                device.major().intValue(),
                device.minor().intValue(),
                device.fileMode() == null ? EVERYBODY : device.fileMode(),
                device.uid() == null ? 0 : device.uid(),
                device.gid() == null ? 0 : device.gid(),
                bound));
    }
}
