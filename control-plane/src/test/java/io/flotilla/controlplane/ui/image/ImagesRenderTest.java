package io.flotilla.controlplane.ui.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.part.Pull;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Images page. */
class ImagesRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void imagesShowHowFarALayerIs() {
        var view = new ImagesPage(
                List.of(new ImagesPage.Row(
                        "flotilla/sample:latest", "sha256:12ab", List.of("linux/amd64"), "1.2 MB", NOW, true)),
                List.of(new ImagesPage.Transfer(
                        "t1",
                        "working",
                        "Pulling debian:12",
                        "8.1 of 25.4 MB",
                        List.of(new Pull.Layer("working", "c07e1b9d22f4", 81, 254, "8.1 of 25.4 MB")))),
                true);
        assertThat(gallery.show("images", Gallery.page("images").with("images", view)))
                .contains("flotilla/sample:latest", "8.1 of 25.4 MB", "data-to=\"/api/v1/images\"");
    }
}
