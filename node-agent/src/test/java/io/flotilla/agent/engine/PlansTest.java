package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.engine.launch.LaunchPlan;
import io.flotilla.agent.engine.launch.MountAttribute;
import io.flotilla.agent.engine.launch.Propagation;
import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.Allocations;
import io.flotilla.agent.oci.ImageDefaults;
import io.flotilla.agent.oci.Ordinary;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.oci.SpecJson;
import io.flotilla.agent.oci.UserTable;
import io.flotilla.protocol.AllocationSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PlansTest {

    private static final PlanInput INPUT = new PlanInput(
            new RootSource.Overlay(Path.of("/layers"), List.of("1", "2"), Path.of("/rw/upper"), Path.of("/rw/work")),
            List.of(Path.of("/sys/fs/cgroup/x")),
            false,
            Optional.of(new Step.Log(1 << 20, 4)),
            Optional.of(ByteBuffer.allocate(8)));
    private static final ImageDefaults IMAGE =
            new ImageDefaults(List.of("prog"), List.of(), List.of(), null, null, null, List.of());

    private static RuntimeSpec spec(AllocationSpec allocation, boolean privateUsers) {
        Ordinary.Node node = new Ordinary.Node(
                privateUsers ? 0x10000000L : null, 65_536, 4096, Path.of("/hosts"), null, null, List.of("memory"));
        return Ordinary.spec(allocation, IMAGE, new UserTable(null, null), node);
    }

    private static List<Step> steps(AllocationSpec allocation) {
        return Plans.container(spec(allocation, true), INPUT).steps();
    }

    private static int position(List<Step> steps, Class<? extends Step> kind) {
        for (int i = 0; i < steps.size(); i++) {
            if (kind.isInstance(steps.get(i))) {
                return i;
            }
        }
        throw new AssertionError("no step " + kind);
    }

    @Test
    void loadsTheFilterLastAndChangesIdentityBeforeCapabilities() {
        List<Step> steps = steps(Allocations.of().build());
        List<Class<? extends Step>> order = List.of(
                Step.Namespaces.class,
                Step.IdMaps.class,
                Step.Stdio.class,
                Step.Log.class,
                Step.JoinCgroup.class,
                Step.ResourceLimit.class,
                Step.OverlayRoot.class,
                Step.FileSystem.class,
                Step.DeviceNode.class,
                Step.SymbolicLink.class,
                Step.Bind.class,
                Step.Sysctl.class,
                Step.ReadOnlyPath.class,
                Step.MaskedPath.class,
                Step.PivotRoot.class,
                Step.HostName.class,
                Step.WorkingDirectory.class,
                Step.Identity.class,
                Step.Capabilities.class,
                Step.NoNewPrivileges.class,
                Step.Seccomp.class,
                Step.Execute.class);
        assertThat(order.stream().map(kind -> position(steps, kind))).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void bindsDevicesInAUserNamespaceAndMakesThemOtherwise() {
        assertThat(steps(Allocations.of().build()))
                .filteredOn(Step.DeviceNode.class::isInstance)
                .allMatch(step -> ((Step.DeviceNode) step).bound());
        assertThat(Plans.container(spec(Allocations.of().build(), false), INPUT).steps())
                .filteredOn(Step.DeviceNode.class::isInstance)
                .noneMatch(step -> ((Step.DeviceNode) step).bound())
                .isNotEmpty();
    }

    @Test
    void givesATerminalItsConsole() {
        assertThat(steps(Allocations.of().tty().build())).hasAtLeastOneElementOfType(Step.Console.class);
        assertThat(steps(Allocations.of().build())).doesNotHaveAnyElementsOfTypes(Step.Console.class);
    }

    @Test
    void makesTheRootReadOnlyAfterEveryTargetExists() {
        List<Step> steps = steps(Allocations.of().readOnlyRootfs().build());
        assertThat(position(steps, Step.ReadOnlyRoot.class)).isGreaterThan(position(steps, Step.MaskedPath.class));
    }

    @Test
    void searchesTheContainersPath() {
        LaunchPlan plan = Plans.container(spec(Allocations.of().build(), true), INPUT);
        assertThat(((Step.Execute) plan.steps().getLast()).candidates())
                .startsWith("/usr/local/sbin/prog", "/usr/local/bin/prog")
                .endsWith("/bin/prog");
    }

    @Test
    void sortsMountOptions() {
        MountOptions options = MountOptions.parse(List.of(
                "rbind", "rro", "nosuid", "suid", "rslave", "size=1m", "defaults", "noexec", "relatime", "ridmap"));
        assertThat(options.bind()).isTrue();
        assertThat(options.recursive()).isTrue();
        assertThat(options.own().set()).containsExactly(MountAttribute.NO_EXEC);
        assertThat(options.own().clear()).containsExactlyInAnyOrder(MountAttribute.NO_SUID, MountAttribute.NO_ATIME);
        assertThat(options.deep().set()).containsExactly(MountAttribute.READ_ONLY);
        assertThat(options.propagation()).isEqualTo(Propagation.RSLAVE);
        assertThat(options.idmapped()).isEqualTo(Step.IdMapped.Depth.WITH_MOUNTS_BELOW);
        assertThat(options.data()).containsExactly("size=1m");
    }

    @Test
    void namesTheFieldOfTheSpecThatIsWrong() {
        RuntimeSpec good = spec(Allocations.of().build(), true);
        List<RuntimeSpec.Mount> mounts = List.of(RuntimeSpec.Mount.of("relative", "tmpfs", "tmpfs"));
        RuntimeSpec wrong = new RuntimeSpec(
                good.ociVersion(), good.process(), good.root(), null, null, mounts, null, Map.of(), good.linux());
        assertThatThrownBy(() -> Plans.container(wrong, INPUT))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("mounts[0].destination: ");
        RuntimeSpec empty =
                new RuntimeSpec(good.ociVersion(), null, null, null, null, List.of(), null, Map.of(), good.linux());
        assertThatThrownBy(() -> Plans.container(empty, INPUT)).hasMessageStartingWith("process: ");
    }

    /** What no container can be made of, in the JSON that a person would write; each with the beginning of the reason. */
    private static final String REFUSED = """
            ociVersion | "2.0.0" is not 1.x | {"ociVersion":"2.0.0"}
            process.cwd | "tmp" is not absolute | {"process":{"cwd":"tmp"}}
            process.args | is empty | {"process":{"args":[]}}
            process.args[0] | contains a zero byte | {"process":{"args":["a\\u0000b"]}}
            process.rlimits[0].type | "RLIMIT_X" is unknown | {"process":{"rlimits":[{"type":"RLIMIT_X","soft":1,"hard":1}]}}
            process.rlimits[1].type | RLIMIT_CPU is there twice | {"process":{"rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":1},{"type":"RLIMIT_CPU","soft":1,"hard":1}]}}
            process.rlimits[0].soft | 18446744073709551615 is above the hard limit 5 | {"process":{"rlimits":[{"type":"RLIMIT_CPU","soft":18446744073709551615,"hard":5}]}}
            process.oomScoreAdj | 1001 is not from -1000 to 1000 | {"process":{"oomScoreAdj":1001}}
            process.user.umask | 4095 is not from 0 to 511 | {"process":{"user":{"umask":4095}}}
            process.user.uid | 65536 is not among the ids of linux.uidMappings | {"process":{"user":{"uid":65536}}}
            process.user.additionalGids[1] | 70000 is not among the ids of linux.gidMappings | {"process":{"user":{"additionalGids":[5,70000]}}}
            process.user.gid | -1 is not from 0 | {"process":{"user":{"gid":-1}}}
            process.scheduler.policy | "SCHED_ISO" is unknown | {"process":{"scheduler":{"policy":"SCHED_ISO"}}}
            process.scheduler.flags | "SCHED_FLAG_X" is unknown | {"process":{"scheduler":{"policy":"SCHED_OTHER","flags":["SCHED_FLAG_X"]}}}
            process.scheduler.priority | 0 is not from 1 to 99 | {"process":{"scheduler":{"policy":"SCHED_RR"}}}
            process.scheduler.nice | 20 is not from -20 to 19 | {"process":{"scheduler":{"policy":"SCHED_OTHER","nice":20}}}
            process.scheduler | these are 5, 4, 0 | {"process":{"scheduler":{"policy":"SCHED_DEADLINE","runtime":5,"deadline":4}}}
            process.scheduler | are for SCHED_DEADLINE, not SCHED_IDLE | {"process":{"scheduler":{"policy":"SCHED_IDLE","runtime":5}}}
            process.ioPriority.class | "IOPRIO_CLASS_NONE" is unknown | {"process":{"ioPriority":{"class":"IOPRIO_CLASS_NONE","priority":1}}}
            process.ioPriority.priority | 8 is not from 0 to 7 | {"process":{"ioPriority":{"class":"IOPRIO_CLASS_BE","priority":8}}}
            process.apparmorProfile | "p" cannot be set: this kernel has no AppArmor | {"process":{"apparmorProfile":"p"}}
            process.selinuxLabel | "a:b:c" cannot be set: this kernel has no SELinux | {"process":{"selinuxLabel":"a:b:c"}}
            linux.mountLabel | "a:b:c" cannot be set: this kernel has no SELinux | {"linux":{"mountLabel":"a:b:c"}}
            mounts[0].destination | "a" is not absolute | {"mounts":[{"destination":"a"}]}
            mounts[0].type | is missing | {"mounts":[{"destination":"/a"}]}
            mounts[0].source | "b" is not absolute | {"mounts":[{"destination":"/a","source":"b","options":["bind"]}]}
            mounts[0].options | only a bind mount can be idmapped, not a new tmpfs | {"mounts":[{"destination":"/a","type":"tmpfs","options":["idmap"]}]}
            mounts[0].options | a bind mount has no option "size=1m" | {"mounts":[{"destination":"/a","source":"/b","options":["bind","size=1m"]}]}
            mounts[0].options | tmpcopyup fills a tmpfs, and this is a bind mount | {"mounts":[{"destination":"/a","source":"/b","options":["bind","tmpcopyup"]}]}
            mounts[0].options | tmpcopyup fills a tmpfs, and this is a ramfs | {"mounts":[{"destination":"/a","type":"ramfs","options":["tmpcopyup"]}]}
            mounts[0].options | a remount cannot change "size=1m" | {"mounts":[{"destination":"/a","options":["remount","size=1m"]}]}
            mounts[0].gidMappings | is missing | {"mounts":[{"destination":"/a","source":"/b","options":["bind"],"uidMappings":[{"containerID":0,"hostID":1,"size":1}]}]}
            mounts[0].type | is in no control group | {"mounts":[{"destination":"/a","type":"cgroup"}]}
            mounts[0] | sysfs cannot be mounted on /s: the container has a user namespace of its own, and its network namespace belongs to another one | {"mounts":[{"destination":"/s","type":"sysfs"}],"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"network","path":"/n"},{"type":"uts"}],"sysctl":null}}
            mounts[0] | proc cannot be mounted on /p: the container has a user namespace of its own, and its pid namespace | {"mounts":[{"destination":"/p","type":"proc"}],"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"uts"}],"sysctl":null}}
            hostname | without a uts namespace it would be the host's | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"}],"sysctl":null}}
            domainname | "d" cannot be set: without a uts namespace | {"hostname":null,"domainname":"d","linux":{"namespaces":[{"type":"user"},{"type":"mount"}],"sysctl":null}}
            linux.seccomp | has not been compiled | {"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}}}
            linux.personality.domain | "LINUX64" is unknown | {"linux":{"personality":{"domain":"LINUX64"}}}
            linux.personality.flags | "X" is unknown | {"linux":{"personality":{"domain":"LINUX","flags":["X"]}}}
            linux.memoryPolicy.mode | "MPOL_X" is unknown | {"linux":{"memoryPolicy":{"mode":"MPOL_X"}}}
            linux.memoryPolicy.nodes | "1-0" is no list as 0-3,7 | {"linux":{"memoryPolicy":{"mode":"MPOL_BIND","nodes":"1-0"}}}
            linux.timeOffsets | boottime cannot be set: linux.namespaces has no new time namespace | {"linux":{"timeOffsets":{"boottime":{"secs":1}}}}
            linux.timeOffsets.realtime | is no clock of a time namespace | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"time"},{"type":"uts"},{"type":"network"},{"type":"pid"},{"type":"ipc"}],"timeOffsets":{"realtime":{"secs":1}}}}
            linux.timeOffsets.boottime.nanosecs | 1000000000 is not from 0 | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"time"},{"type":"uts"}],"timeOffsets":{"boottime":{"nanosecs":1000000000}}}}
            linux.timeOffsets | the time namespace that is joined are set already | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"time","path":"/t"},{"type":"uts"}],"timeOffsets":{"boottime":{"secs":1}}}}
            linux.namespaces[2].type | pid is there twice | {"linux":{"namespaces":[{"type":"mount"},{"type":"pid"},{"type":"pid"}]}}
            linux.namespaces[1].path | "net" is not absolute | {"linux":{"namespaces":[{"type":"mount"},{"type":"network","path":"net"}]}}
            linux.namespaces | has no new mount namespace | {"linux":{"namespaces":[{"type":"pid"}]}}
            linux.uidMappings | need a user namespace, and linux.namespaces has none | {"linux":{"namespaces":[{"type":"mount"}]}}
            linux.gidMappings | need a user namespace | {"linux":{"namespaces":[{"type":"mount"}],"uidMappings":[]}}
            linux.uidMappings | that is joined has a map already | {"linux":{"namespaces":[{"type":"mount"},{"type":"user","path":"/u"}]}}
            linux.uidMappings | do not map id 0 | {"linux":{"uidMappings":[{"containerID":1,"hostID":1,"size":1}]}}
            linux.uidMappings[1] | overlaps with [0] | {"linux":{"uidMappings":[{"containerID":0,"hostID":9,"size":5},{"containerID":4,"hostID":90,"size":5}]}}
            linux.uidMappings[0] | is out of bounds | {"linux":{"uidMappings":[{"containerID":0,"hostID":9,"size":0}]}}
            linux.gidMappings | needs at least one mapping | {"linux":{"gidMappings":[]}}
            linux.intelRdt | no resctrl file system is mounted | {"linux":{"intelRdt":{"closID":"a"}}}
            linux.netDevices.eth0.name | "a/b" is no name of an interface | {"linux":{"netDevices":{"eth0":{"name":"a/b"}}}}
            linux.netDevices.eth1.name | "a" is there twice | {"linux":{"netDevices":{"eth0":{"name":"a"},"eth1":{"name":"a"}}}}
            linux.netDevices.eth0 | the container has no network namespace but the host's | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"uts"}],"sysctl":null,"netDevices":{"eth0":{}}}}
            linux.rootfsPropagation | "loose" is unknown | {"linux":{"rootfsPropagation":"loose"}}
            linux.maskedPaths[0] | "a" is not absolute | {"linux":{"maskedPaths":["a"]}}
            linux.readonlyPaths[0] | "a" is not absolute | {"linux":{"readonlyPaths":["a"]}}
            linux.devices[0].path | "a" is not absolute | {"linux":{"devices":[{"path":"a","type":"c","major":1,"minor":1}]}}
            linux.devices[0].type | "x" must be c, u, b or p | {"linux":{"devices":[{"path":"/a","type":"x"}]}}
            linux.devices[0] | needs major and minor | {"linux":{"devices":[{"path":"/a","type":"b"}]}}
            linux.sysctl.kernel.panic | is not kept apart by any namespace | {"linux":{"sysctl":{"kernel.panic":"1"}}}
            linux.sysctl.net.ipv4.ip_forward | the container has no network namespace | {"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"uts"}],"sysctl":{"net.ipv4.ip_forward":"1"}},"mounts":[]}
            linux.sysctl.net.ipv4.ip_forward | cannot be set without a mount of type proc | {"linux":{"sysctl":{"net.ipv4.ip_forward":"1"}},"mounts":[]}
            hooks.prestart[0].path | "true" is not absolute | {"hooks":{"prestart":[{"path":"true"}]}}
            hooks.poststop[1].timeout | 0 is not greater than zero | {"hooks":{"poststop":[{"path":"/a"},{"path":"/a","timeout":0}]}}
            """;

    static Stream<Arguments> refused() {
        return REFUSED.lines().map(line -> line.split(" \\| ", -1)).map(parts -> Arguments.of((Object[]) parts));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatCannotBeAndNamesFieldValueAndReason(String field, String reason, String change) {
        assertThatThrownBy(() -> plan(change))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith(field + ": ")
                .hasMessageContaining(reason);
    }

    @Test
    void takesEmptyPartsForAbsentOnesAndSkipsWhatTheSpecificationDoesNotKnow() {
        assertThat(plan("{\"hooks\":{},\"linux\":{\"netDevices\":null},\"org.example\":{\"a\":1}}")
                        .steps())
                .isNotEmpty();
    }

    /** A good spec with the change laid over it. */
    private static LaunchPlan plan(String change) {
        JsonMapper mapper = JsonMapper.shared();
        JsonNode good = mapper.readTree(SpecJson.write(spec(Allocations.of().build(), true)));
        merge((ObjectNode) good, mapper.readTree(change));
        Facilities few = new Facilities(true, true, false, false, -1, -1, Optional.empty());
        PlanInput bare = new PlanInput(
                INPUT.root(), INPUT.cgroups(), Map.of(), false, INPUT.log(), Optional.empty(), few, Optional.empty());
        return Plans.container(SpecJson.read(good.toString()), bare);
    }

    private static void merge(ObjectNode into, JsonNode change) {
        change.properties().forEach(entry -> {
            JsonNode old = into.path(entry.getKey());
            if (old instanceof ObjectNode object && entry.getValue().isObject()) {
                merge(object, entry.getValue());
            } else {
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }
}
