package io.flotilla.controlplane.ui.logs;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.ISpringWebFluxTemplateEngine;

/** Draws chunks of log text outside of a page, by the page's own fragment. */
@Component
class LogChunks {

    private final ISpringWebFluxTemplateEngine engine;

    LogChunks(ISpringWebFluxTemplateEngine engine) {
        this.engine = engine;
    }

    String html(List<LogChunk> chunks) {
        StringBuilder html = new StringBuilder();
        for (LogChunk chunk : chunks) {
            html.append(engine.process(
                    "fragments/log-chunk", Set.of("chunk"), new Context(Locale.ROOT, Map.of("chunk", chunk))));
        }
        return html.toString();
    }
}
