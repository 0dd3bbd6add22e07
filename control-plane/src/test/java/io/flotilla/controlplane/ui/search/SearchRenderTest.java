package io.flotilla.controlplane.ui.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was found. */
class SearchRenderTest {

    private final Gallery gallery = new Gallery();

    @Test
    void searchShowsWhatItFound() {
        var found = new SearchPage(
                "check",
                List.of(new SearchPage.Group(
                        "Workloads",
                        List.of(new SearchPage.Hit("/workloads/w1", "running", "checkout-api", "payments")))));
        assertThat(gallery.show("search", Gallery.page("search").with("found", found)))
                .contains("checkout-api");
    }
}
