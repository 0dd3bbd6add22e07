package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.oci.LinuxSpec;
import io.flotilla.agent.oci.Resources;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.oci.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's {@code config.json}.
 *
 * @param directory absolute
 * @param tree the document, with what is unset in it left out
 * @param unknown places of fields that the specification does not know
 */
record Bundle(Path directory, Map<String, @Nullable Object> tree, RuntimeSpec spec, List<String> unknown) {

    static Bundle read(Path directory) throws IOException {
        Path file = directory.resolve(States.CONFIG);
        try {
            return of(directory, file, Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new Refused("JSON specification file " + file + " not found", e);
        }
    }

    /** What was kept of a container's. */
    static Bundle kept(States states, ContainerState state) throws IOException {
        Path file = states.directory(state.id()).resolve(States.CONFIG);
        return of(Path.of(state.bundle()), file, Files.readString(file));
    }

    private static Bundle of(Path directory, Path file, String text) throws Refused {
        Map<String, @Nullable Object> tree = Json.object(file.toString(), text);
        Map<String, @Nullable Object> linux = Json.child(tree, "linux");
        if (linux.containsKey("resources")) {
            Map<String, @Nullable Object> resources = Json.child(linux, "resources");
            dropUnset(resources);
            allowDefaultDevices(resources);
        }
        SpecJson.Document document = SpecJson.document(Json.write(tree, false));
        return new Bundle(directory, tree, document.spec(), document.unknown());
    }

    /** Engines write a limit that nobody has asked for as 0, which to the kernel would be one. */
    private static void dropUnset(Map<String, @Nullable Object> resources) {
        for (String controller : new String[] {"cpu", "memory", "pids"}) {
            Map<String, @Nullable Object> limits = Json.child(resources, controller);
            limits.values().removeIf(value -> value instanceof Number number && number.longValue() == 0);
            if (limits.isEmpty()) {
                resources.remove(controller);
            }
        }
    }

    /**
     * Whatever the rules forbid, the runtime must be able to make nodes, and the program to use those that every container has by
     * the specification: null, zero, full, random, urandom, tty, ptmx and the pseudo-terminals.
     */
    private static void allowDefaultDevices(Map<String, @Nullable Object> resources) {
        if (!(resources.get("devices") instanceof List<?> given) || given.isEmpty()) {
            return;
        }
        List<Object> rules = new ArrayList<>(given);
        rules.add(Map.of("allow", true, "type", "c", "access", "m"));
        rules.add(Map.of("allow", true, "type", "b", "access", "m"));
        int[][] devices = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}};
        for (int[] device : devices) {
            rules.add(Map.of("allow", true, "type", "c", "major", device[0], "minor", device[1], "access", "rwm"));
        }
        rules.add(Map.of("allow", true, "type", "c", "major", 136, "access", "rwm"));
        resources.put("devices", rules);
    }

    /** Reads {@code linux.resources} by themselves. */
    static Resources resources(Map<String, @Nullable Object> tree) {
        dropUnset(tree);
        Map<String, @Nullable Object> linux = new LinkedHashMap<>();
        linux.put("resources", tree);
        Map<String, @Nullable Object> spec = new LinkedHashMap<>();
        spec.put("ociVersion", RuntimeSpec.VERSION);
        spec.put("linux", linux);
        return SpecJson.read(Json.write(spec, false)).requireLinux().limits();
    }

    /** As the engine takes it. */
    BundleLaunch.Bundle launch(String id) {
        return new BundleLaunch.Bundle(id, directory, spec);
    }

    /** Sentences about what the document says and the container will not have. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(BundleLaunch.warnings(spec));
        unknown.forEach(field -> warnings.add(field + ": is no field of the runtime specification"));
        return warnings;
    }

    /** The same with another {@code process}. */
    RuntimeSpec withProcess(Map<String, @Nullable Object> process) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(tree);
        all.put("process", process);
        return SpecJson.read(Json.write(all, false));
    }

    /**
     * Where the container's groups are, below the root of every hierarchy and without a leading slash.
     *
     * @throws SpecException if that is the root itself
     */
    String cgroup(String id) {
        LinuxSpec linux = spec.requireLinux();
        String path = linux.cgroupsPath() == null || linux.cgroupsPath().isEmpty() ? id : linux.cgroupsPath();
        String below = Path.of("/", path).normalize().toString().substring(1);
        if (below.isEmpty()) {
            throw new SpecException("linux.cgroupsPath", "\"" + path + "\" is the root, which is the host's own");
        }
        return below;
    }

    Path rootfs() {
        RuntimeSpec.Root root = spec.root();
        return root == null || root.path() == null ? directory : directory.resolve(root.path());
    }
}
