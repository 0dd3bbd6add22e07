package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.agent.seccomp.FilterFlags;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FeaturesTest {

    private static final Facilities FIVE_CAPABILITIES =
            new Facilities(true, true, false, false, 0b11111, 0b11111, Optional.empty());

    private static JsonNode document() {
        return JsonMapper.shared().readTree(Features.of("7", FIVE_CAPABILITIES).json());
    }

    @Test
    void documentHasTheShapeOfTheSpecification() {
        JsonNode features = document();
        assertThat(features.path("ociVersionMin").asString()).isEqualTo("1.0.0");
        assertThat(features.path("ociVersionMax").asString()).isEqualTo("1.2.1");
        assertThat(features.path("hooks")).hasSize(6);
        assertThat(features.path("linux").path("namespaces")).hasSize(8);
        assertThat(features.at("/linux/capabilities/4").asString()).isEqualTo("CAP_FSETID");
        assertThat(features.at("/linux/capabilities")).hasSize(5);
        assertThat(features.at("/linux/cgroup/v1").asBoolean()).isTrue();
        assertThat(features.at("/linux/seccomp/actions")).hasSize(9);
        assertThat(features.at("/linux/mountExtensions/idmap/enabled").asBoolean())
                .isTrue();
        assertThat(features.at("/linux/intelRdt/enabled").asBoolean(true)).isFalse();
        assertThat(features.at("/annotations/io.flotilla.version").asString()).isEqualTo("7");
    }

    @Test
    void everyMountOptionThatItListsIsTakenForWhatItIsAndNotForTheFileSystems() {
        List<String> ofFileSystem =
                List.of("sync", "dirsync", "lazytime", "nolazytime", "iversion", "noiversion", "mand", "acl", "noacl");
        document().path("mountOptions").forEach(option -> {
            String name = option.asString();
            assertThat(MountOptions.parse(List.of(name)).data())
                    .as(name)
                    .isEqualTo(ofFileSystem.contains(name) ? List.of(name) : List.of());
        });
        assertThat(MountOptions.parse(List.of("size=1m")).data()).containsExactly("size=1m");
    }

    @Test
    void everyFlagThatItListsIsTaken() {
        SeccompSpec.Rule asks = new SeccompSpec.Rule(List.of("mkdir"), "SCMP_ACT_NOTIFY", null, List.of());
        document().at("/linux/seccomp/supportedFlags").forEach(flag -> FilterFlags.of(profile(flag.asString(), asks)));
        assertThatThrownBy(() -> FilterFlags.of(profile("SECCOMP_FILTER_FLAG_X", asks)))
                .isInstanceOf(SpecException.class);
    }

    private static SeccompSpec profile(String flag, SeccompSpec.Rule rule) {
        return new SeccompSpec("SCMP_ACT_ALLOW", null, List.of(), List.of(flag), "/agent.sock", null, List.of(rule));
    }
}
