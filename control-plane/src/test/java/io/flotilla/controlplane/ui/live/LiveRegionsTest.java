package io.flotilla.controlplane.ui.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LiveRegionsTest {

    private static final String LIST = """
            <main><ul data-live id="list"><li data-live id="a">%s</li><li data-live id="b">two<br></li></ul>
            <p data-live id="sum" class="x">%s</p></main>""";

    @Test
    void sendsNothingForTheSamePage() {
        assertThat(changes(LIST.formatted("one", "2"), LIST.formatted("one", "2")))
                .isEmpty();
    }

    @Test
    void sendsTheRowAndNotTheListAroundIt() {
        assertThat(changes(LIST.formatted("one", "2"), LIST.formatted("other", "2")))
                .containsExactly(new LiveRegions.Change("a", "<li data-live id=\"a\">other</li>"));
    }

    @Test
    void sendsTheListWhenARowComesOrGoes() {
        String fewer = "<main><ul data-live id=\"list\"><li data-live id=\"b\">two<br></li></ul>\n"
                + "<p data-live id=\"sum\" class=\"x\">1</p></main>";
        assertThat(changes(LIST.formatted("one", "2"), fewer))
                .extracting(LiveRegions.Change::id)
                .containsExactly("list", "sum");
    }

    @Test
    void sendsEveryOutermostRegionToABrowserThatHasNone() {
        assertThat(LiveRegions.of(LIST.formatted("one", "2")).since(LiveRegions.of("")))
                .extracting(LiveRegions.Change::id)
                .containsExactly("list", "sum");
    }

    @Test
    void countsAgesAsUnchangedWhileTheyOnlyGrow() {
        String page = "<p data-live id=\"p\">heard <time datetime=\"2026-11-23T10:00:00Z\" data-age>%s</time></p>";
        assertThat(changes(page.formatted("1 s"), page.formatted("2 s"))).isEmpty();
    }

    @Test
    void readsAttributesThatContainAngleBrackets() {
        assertThat(changes(
                        "<p data-live id=\"p\" title=\"a > b\">1</p>", "<p data-live id=\"p\" title=\"a > b\">2</p>"))
                .containsExactly(new LiveRegions.Change("p", "<p data-live id=\"p\" title=\"a > b\">2</p>"));
    }

    private static List<LiveRegions.Change> changes(String before, String after) {
        return LiveRegions.of(after).since(LiveRegions.of(before));
    }
}
