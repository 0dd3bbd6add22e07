package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class ImageNameTest {

    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "debian, docker.io/library/debian:latest",
        "debian:12, docker.io/library/debian:12",
        "library/debian, docker.io/library/debian:latest",
        "grafana/grafana:11.2, docker.io/grafana/grafana:11.2",
        "docker.io/debian, docker.io/library/debian:latest",
        "index.docker.io/debian, docker.io/library/debian:latest",
        "docker.io/flotilla/sample, docker.io/flotilla/sample:latest",
        "localhost/a, localhost/a:latest",
        "localhost:5000/a/b:1, localhost:5000/a/b:1",
        "127.0.0.1:5000/a, 127.0.0.1:5000/a:latest",
        "[::1]:5000/a:t, [::1]:5000/a:t",
        "registry.example.org/team/app_x.y__z-1:v1.0, registry.example.org/team/app_x.y__z-1:v1.0",
        "Host/a, host/a:latest",
        "flotilla/sample:latest, flotilla/sample:latest",
        "flotilla/team/app, flotilla/team/app:latest",
        "flotilla, docker.io/library/flotilla:latest",
    })
    void fillsInWhatAShortNameImplies(String text, String canonical) {
        assertThat(ImageName.parse(text).canonical()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "debian:latest",
                "grafana/grafana:11",
                "flotilla/sample:latest",
                "docker.io/flotilla/sample:latest",
                "localhost:5000/a:latest",
                "quay.io/a/b/c:x"
            })
    void theFamiliarFormReadsBackAsTheSameName(String text) {
        ImageName name = ImageName.parse(text);
        assertThat(name.familiar()).isEqualTo(text);
        assertThat(ImageName.parse(name.canonical())).isEqualTo(name);
    }

    @Test
    void onlyFlotillaWithoutAHostIsLocal() {
        assertThat(ImageName.parse("flotilla/sample").isLocal()).isTrue();
        assertThat(ImageName.parse("docker.io/flotilla/sample").isLocal()).isFalse();
        assertThat(ImageName.parse("localhost/flotilla/sample").isLocal()).isFalse();
        assertThat(ImageName.parse("flotilla").isLocal()).isFalse();
    }

    @Test
    void aDigestWinsOverTheTagAndKeepsIt() {
        ImageName both = ImageName.parse("debian:12@" + DIGEST);
        assertThat(both.reference()).isEqualTo(DIGEST);
        assertThat(both.tag()).isEqualTo("12");
        ImageName alone = ImageName.parse("debian@" + DIGEST);
        assertThat(alone.tag()).isNull();
        assertThat(alone.familiar()).isEqualTo("debian@" + DIGEST);
        assertThat(ImageName.parse("debian:12").at(new Digest(DIGEST))).isEqualTo(both);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a:",
                "a@",
                "a@sha256:12",
                "Debian",
                "a//b",
                "/a",
                "a/",
                "a/../b",
                "-a",
                "a-",
                "a..b",
                "a:-x",
                "a b",
                "a\nb",
                "http://registry.example.org/a",
                "host:port/a",
                "host:123456/a",
                "a:b:c",
                "ex_ample.org/a",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void refusesWhatIsNoNameAndQuotesIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageName.parse(text))
                .withMessageStartingWith("image name \"" + text + "\": ");
    }

    @Test
    void refusesTagsAndRepositoriesThatAreTooLong() {
        assertThat(ImageName.parse("a:" + "t".repeat(128)).tag()).hasSize(128);
        assertThatIllegalArgumentException().isThrownBy(() -> ImageName.parse("a:" + "t".repeat(129)));
        assertThatIllegalArgumentException().isThrownBy(() -> ImageName.parse("a/" + "b".repeat(255)));
        assertThatIllegalArgumentException().isThrownBy(() -> ImageName.parse("x".repeat(5000)));
    }

    @Test
    void isAStringInJson() {
        JsonMapper mapper = JsonMapper.shared();
        ImageName name = ImageName.parse("debian:12");
        assertThat(mapper.writeValueAsString(name)).isEqualTo("\"debian:12\"");
        assertThat(mapper.readValue("\"debian:12\"", ImageName.class)).isEqualTo(name);
    }
}
