package io.flotilla.agent.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpecJsonTest {

    @Test
    void namesThePlacesOfWhatTheSpecificationDoesNotKnowAndReadsTheRest() {
        SpecJson.Document document = SpecJson.document("""
                {"ociVersion": "1.2.0", "hostname": "box", "org.example": {"a": 1},
                 "process": {"cwd": "/", "colour": "red", "user": {"uid": 7}},
                 "mounts": [{"destination": "/a"}, {"destination": "/b", "depth": 3}],
                 "annotations": {"any": "key"},
                 "linux": {"timeOffsets": {"boottime": {"secs": 1, "hours": 2}},
                           "resources": {"rdma": {"mlx5": {"hcaHandles": 1, "ports": 2}}}}}
                """);
        assertThat(document.spec().hostname()).isEqualTo("box");
        assertThat(document.spec().requireProcess().user().uid()).isEqualTo(7);
        assertThat(document.unknown())
                .containsExactlyInAnyOrder(
                        "org.example",
                        "process.colour",
                        "mounts[1].depth",
                        "linux.timeOffsets.boottime.hours",
                        "linux.resources.rdma.mlx5.ports");
    }

    @Test
    void keepsNumbersOf64Bits() {
        String json = "{\"ociVersion\":\"1.2.0\",\"process\":{\"cwd\":\"/\",\"rlimits\":["
                + "{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":18446744073709551615},"
                + "{\"type\":\"RLIMIT_CPU\",\"soft\":-1,\"hard\":-1}]}}";
        RuntimeSpec spec = SpecJson.read(json);
        assertThat(spec.requireProcess().rlimits())
                .containsExactly(
                        new ProcessSpec.Rlimit("RLIMIT_CORE", 0, -1), new ProcessSpec.Rlimit("RLIMIT_CPU", -1, -1));
        assertThat(SpecJson.write(spec))
                .contains("\"hard\":18446744073709551615")
                .doesNotContain("-1");
        assertThat(SpecJson.read(SpecJson.write(spec))).isEqualTo(spec);
        assertThatThrownBy(() -> SpecJson.read(json.replace("51615", "51616")))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("process.rlimits[0].hard: ")
                .hasMessageContaining("18446744073709551616");
    }

    @Test
    void takesANumberThatWasLeftOutAsZero() {
        RuntimeSpec spec = SpecJson.read("""
                {"ociVersion": "1.0.2", "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}]}}}
                """);
        SeccompSpec seccomp =
                java.util.Objects.requireNonNull(spec.requireLinux().seccomp());
        assertThat(seccomp.syscalls().getFirst().args())
                .containsExactly(new SeccompSpec.Argument(0, 8, 0, "SCMP_CMP_EQ"));
    }

    @Test
    void saysWhereADocumentIsWrong() {
        assertThatThrownBy(() -> SpecJson.read("{\"mounts\":[{\"options\":7}]}"))
                .hasMessageStartingWith("mounts[0].options: ");
        assertThatThrownBy(() -> SpecJson.read("{\"linux\":{\"namespaces\":[{\"type\":\"mnt\"}]}}"))
                .hasMessageStartingWith("linux.namespaces[0].type: ")
                .hasMessageContaining("mnt");
        assertThatThrownBy(() -> SpecJson.read("{\"hostname\":")).hasMessageStartingWith("config.json: ");
    }
}
