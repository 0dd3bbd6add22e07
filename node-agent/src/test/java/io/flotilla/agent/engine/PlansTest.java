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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        MountOptions options = MountOptions.parse(
                "m", List.of("rbind", "rro", "nosuid", "suid", "rslave", "size=1m", "defaults", "noexec"));
        assertThat(options.bind()).isTrue();
        assertThat(options.recursive()).isTrue();
        assertThat(options.recursiveAttributes()).isTrue();
        assertThat(options.set()).containsExactlyInAnyOrder(MountAttribute.READ_ONLY, MountAttribute.NO_EXEC);
        assertThat(options.clear()).containsExactly(MountAttribute.NO_SUID);
        assertThat(options.propagation()).isEqualTo(Propagation.RSLAVE);
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

    /** Every part of the spec that is not carried out, in the JSON that a person would write. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ociVersion | {\"ociVersion\":\"2.0.0\"}",
                "hooks | {\"hooks\":{\"prestart\":[{\"path\":\"/bin/true\"}]}}",
                "process.execCPUAffinity | {\"process\":{\"execCPUAffinity\":{\"initial\":\"0\"}}}",
                "mounts[0].uidMappings | {\"mounts\":[{\"destination\":\"/a\",\"source\":\"/b\",\"options\":[\"bind\"],"
                        + "\"uidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1}]}]}",
                "mounts[0].options | {\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"shared\"]}]}",
                "mounts[0].options | {\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}]}",
                "mounts[0].options | {\"mounts\":[{\"destination\":\"/a\",\"source\":\"/b\",\"options\":[\"bind\",\"size=1m\"]}]}",
                "linux.seccomp | {\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}}",
                "linux.personality | {\"linux\":{\"personality\":{\"domain\":\"LINUX32\"}}}",
                "linux.timeOffsets | {\"linux\":{\"timeOffsets\":{\"boottime\":{\"secs\":1,\"nanosecs\":0}}}}",
                "linux.mountLabel | {\"linux\":{\"mountLabel\":\"a:b:c\"}}",
                "linux.cgroupsPath | {\"linux\":{\"cgroupsPath\":\"/a\"}}",
                "linux.namespaces[2] | {\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"pid\"}]}}",
                "linux.namespaces | {\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]}}",
                "linux.uidMappings | {\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}",
                "linux.gidMappings | {\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],\"uidMappings\":[]}}",
                "linux.intelRdt | {\"linux\":{\"intelRdt\":{\"closID\":\"a\"}}}",
                "linux.netDevices | {\"linux\":{\"netDevices\":{\"eth0\":{\"name\":\"a\"}}}}",
                "linux.memoryPolicy | {\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\"}}}"
            })
    void refusesWhatItWouldNotDoAndNamesTheField(String field, String change) {
        assertThatThrownBy(() -> plan(change))
                .isInstanceOf(SpecException.class)
                .extracting(e -> ((SpecException) e).field())
                .isEqualTo(field);
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
        PlanInput bare = new PlanInput(INPUT.root(), INPUT.cgroups(), INPUT.stdin(), INPUT.log(), Optional.empty());
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
