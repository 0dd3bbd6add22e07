package io.flotilla.controlplane.ui.page;

import io.flotilla.controlplane.ui.words.Units;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.thymeleaf.context.WebContext;
import org.thymeleaf.spring6.ISpringWebFluxTemplateEngine;
import org.thymeleaf.spring6.web.webflux.SpringWebFluxWebApplication;

/** Turns a page into HTML: whole, before a byte is sent, so that a failing template is an error and not half a page. */
@Component
public class PageRenderer {

    private final ISpringWebFluxTemplateEngine engine;
    private final Assets assets;
    private final FrameSource frames;
    private final Clock clock;
    private final Units units = new Units();
    private final SpringWebFluxWebApplication application =
            SpringWebFluxWebApplication.buildApplication(ReactiveAdapterRegistry.getSharedInstance());

    PageRenderer(ISpringWebFluxTemplateEngine engine, Assets assets, FrameSource frames, Clock clock) {
        this.engine = engine;
        this.assets = assets;
        this.frames = frames;
        this.clock = clock;
    }

    public String render(Page page, ServerWebExchange exchange) {
        Map<String, Object> model = new HashMap<>();
        model.put("now", clock.instant());
        model.put("units", units);
        model.put("assets", assets.base());
        model.put("path", exchange.getRequest().getPath().value());
        model.put("address", address(exchange));
        model.putAll(page.model());
        model.computeIfAbsent("frame", absent -> frames.of(exchange));
        var web = application.buildExchange(exchange, Locale.ROOT, MediaType.TEXT_HTML, StandardCharsets.UTF_8);
        // The engine drops the doctype when a template replaces its html element.
        return "<!doctype html>\n" + engine.process(page.template(), new WebContext(web, Locale.ROOT, model));
    }

    private static String address(ServerWebExchange exchange) {
        String query = exchange.getRequest().getURI().getRawQuery();
        String path = exchange.getRequest().getPath().value();
        return query == null ? path : path + "?" + query;
    }
}
