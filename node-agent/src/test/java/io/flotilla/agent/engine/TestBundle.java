package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.engine.launch.SessionEvent;
import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.engine.launch.ShimRequest;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SpecJson;
import io.flotilla.agent.seccomp.Filters;
import io.flotilla.agent.seccomp.Host;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A bundle as people write one, and containers made of it: a small config.json over which each test lays what it is about,
 * and a root directory with busybox. Everything is ended and removed at the close.
 */
final class TestBundle implements AutoCloseable {

    static final long FIRST_ID = 1_650_000_000L;
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private static final String USERS = """
            {"linux": {"namespaces": [{"type": "user"}],
              "uidMappings": [{"containerID": 0, "hostID": 1650000000, "size": 65536}],
              "gidMappings": [{"containerID": 0, "hostID": 1650000000, "size": 65536}]}}
            """;

    private static final String CONFIG = """
            {"ociVersion": "1.2.1", "hostname": "box", "root": {"path": "rootfs"},
             "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "env": ["PATH=/bin"], "noNewPrivileges": true,
               "args": ["sh", "-c", "true"]},
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
               {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]}],
             "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}, {"type": "uts"}, {"type": "ipc"},
               {"type": "network"}, {"type": "cgroup"}]}}
            """;

    final Path base;
    final Path rootfs;
    private boolean users = true;
    private final Shims shims;
    private final Cgroups cgroups;
    private final List<Shim> started = new ArrayList<>();
    private final List<Cgroup> groups = new ArrayList<>();

    TestBundle() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox-static is not installed");
        base = Files.createTempDirectory(Path.of("/var/tmp"), "flotilla-bundle-");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        rootfs = Files.createDirectory(base.resolve("rootfs"));
        Path bin = Files.createDirectory(rootfs.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        Files.setPosixFilePermissions(bin.resolve("busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
        run("chroot", rootfs.toString(), "/bin/busybox", "--install", "-s", "/bin");
        for (String directory : List.of("proc", "dev", "sys", "tmp", "etc", "data")) {
            Files.createDirectory(rootfs.resolve(directory));
        }
        run("chown", "-hR", FIRST_ID + ":" + FIRST_ID, rootfs.toString());
        shims = Shims.open();
        cgroups = Cgroups.open(
                CgroupLayout.detect(),
                "flotilla-spec-" + ProcessHandle.current().pid() + ".slice");
    }

    /** From now on containers are in the host's user namespace. */
    void shareUsers() throws IOException {
        users = false;
        run("chown", "-hR", "0:0", rootfs.toString());
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(List.of(command) + ": " + output).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** The config with the changes laid over it: objects are merged, lists of mounts and namespaces appended, others replaced. */
    RuntimeSpec spec(String... changes) {
        ObjectNode config = (ObjectNode) MAPPER.readTree(CONFIG);
        if (users) {
            merge(config, MAPPER.readTree(USERS), "");
        }
        for (String change : changes) {
            merge(config, MAPPER.readTree(change), "");
        }
        return SpecJson.read(config.toString());
    }

    private static void merge(ObjectNode into, JsonNode change, String name) {
        change.properties().forEach(entry -> {
            JsonNode old = into.path(entry.getKey());
            boolean appended = List.of("mounts", "namespaces").contains(entry.getKey());
            if (old instanceof ObjectNode object && entry.getValue().isObject()) {
                merge(object, entry.getValue(), name + "." + entry.getKey());
            } else if (appended && old.isArray() && entry.getValue().isArray()) {
                entry.getValue().forEach(((tools.jackson.databind.node.ArrayNode) old)::add);
            } else {
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }

    /** The process's command, as a change. */
    static String sh(String script) {
        return "{\"process\":{\"args\":[\"sh\",\"-c\"," + MAPPER.writeValueAsString(script) + "]}}";
    }

    /** A container that waits for its start. */
    record Made(Shim shim, RuntimeSpec spec, HookState state, Cgroup group) {

        int pid() {
            return shim.record().pid();
        }

        Path proc(String name) {
            return Path.of("/proc", String.valueOf(pid()), name);
        }

        void hooks(String field, List<RuntimeSpec.Hook> hooks, ContainerStatus status) throws IOException {
            HostHooks.run(field, hooks, state.text(status, pid()));
        }
    }

    /** What a run to its end gave. */
    record Result(int code, String output, String error) {}

    Made create(String... changes) throws IOException {
        RuntimeSpec spec = spec(changes);
        String id = "c" + groups.size();
        Cgroup group = cgroups.create(id, spec.requireLinux().limits());
        groups.add(group);
        HookState state = HookState.of(id, base.toString(), spec);
        Optional<ByteBuffer> filter = spec.requireLinux().seccomp() == null
                ? Optional.empty()
                : Optional.of(ByteBuffer.wrap(new Filters(Host.present())
                        .filter(spec.requireLinux().seccomp())
                        .program()));
        LaunchPlan plan = Plans.container(
                spec,
                new PlanInput(
                        new RootSource.Directory(rootfs),
                        group.directories(),
                        group.hierarchies(),
                        false,
                        Optional.empty(),
                        filter,
                        Facilities.present(),
                        Optional.of(state)));
        Path runtime = Files.createDirectory(base.resolve("run-" + id));
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        Shim shim = shims.spawn(new ShimRequest(runtime, Optional.empty(), plan));
        started.add(shim);
        Made made = new Made(shim, spec, state, group);
        BundleLaunch.moveDevices(spec.requireLinux(), made.pid());
        shim.proceed();
        RuntimeSpec.Hooks hooks = spec.hooks();
        if (hooks != null
                && !(hooks.prestart().isEmpty() && hooks.createRuntime().isEmpty())) {
            made.hooks("hooks.prestart", hooks.prestart(), ContainerStatus.CREATING);
            made.hooks("hooks.createRuntime", hooks.createRuntime(), ContainerStatus.CREATING);
            shim.proceed();
        }
        return made;
    }

    /** A container whose program sleeps. */
    Made running(String... changes) throws IOException {
        String[] all =
                Stream.concat(Stream.of(changes), Stream.of(sh("sleep 1000"))).toArray(String[]::new);
        Made made = create(all);
        made.shim().start();
        return made;
    }

    Result run(Made made) throws IOException {
        StringBuilder output = new StringBuilder();
        StringBuilder error = new StringBuilder();
        try (Session session = made.shim().attach(AttachOptions.INTERACTIVE)) {
            made.shim().start();
            while (true) {
                switch (session.next()) {
                    case SessionEvent.Output data ->
                        (data.error() ? error : output).append(StandardCharsets.UTF_8.decode(data.bytes()));
                    case SessionEvent.Gap gap ->
                        output.append("<gap ").append(gap.bytes()).append('>');
                    case SessionEvent.Ended ended -> {
                        return new Result(ended.exit().orElseThrow().shellCode(), output.toString(), error.toString());
                    }
                }
            }
        }
    }

    /** What a script prints in a container with these changes; it must succeed. */
    String print(String script, String... changes) throws IOException {
        String[] all = Stream.concat(Stream.of(changes), Stream.of(sh(script))).toArray(String[]::new);
        Result result = run(create(all));
        assertThat(result.code()).as(result.output() + result.error()).isZero();
        return result.output().strip();
    }

    @Override
    public void close() throws IOException {
        for (Shim shim : started) {
            try {
                shim.signal(9);
                shim.exit().get(30, TimeUnit.SECONDS);
                shim.release();
            } catch (Exception ended) {
                // Never started.
            }
            shim.close();
        }
        shims.close();
        cgroups.purge(DEADLINE);
        try (Stream<Path> paths = Files.walk(base)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
