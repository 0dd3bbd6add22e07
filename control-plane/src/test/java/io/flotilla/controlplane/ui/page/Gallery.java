package io.flotilla.controlplane.ui.page;

import io.flotilla.controlplane.ui.words.Dialect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.thymeleaf.spring6.SpringWebFluxTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;

/** Renders pages from made-up views, without a server: what the template tests read and people can look at. */
public final class Gallery {

    public static final Instant NOW = Instant.parse("2026-11-23T14:32:07Z");
    private static final Path PLACE = Path.of("target", "gallery");

    private final PageRenderer renderer;

    public Gallery() {
        Assets assets = new Assets();
        ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver();
        resolver.setPrefix("templates/");
        resolver.setSuffix(".html");
        resolver.setTemplateMode(TemplateMode.HTML);
        resolver.setCharacterEncoding("UTF-8");
        SpringWebFluxTemplateEngine engine = new SpringWebFluxTemplateEngine();
        engine.setTemplateResolver(resolver);
        engine.addDialect(new Dialect(assets.base() + "/icons.svg"));
        renderer = new PageRenderer(engine, assets, exchange -> frame(null), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    /** A page that someone looks at who may do everything. */
    public static Page page(String template) {
        return Page.of(template).with("frame", frame("ops-1"));
    }

    /** The page's HTML; also left in {@code target/gallery} under the given name. */
    public String show(String name, Page page) {
        String html = renderer.render(
                page, MockServerWebExchange.from(MockServerHttpRequest.get("http://localhost:8080/" + name)));
        try {
            Files.createDirectories(PLACE);
            Files.writeString(PLACE.resolve(name + ".html"), html);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return html;
    }

    public static Frame frame(@Nullable String account) {
        return new Frame(
                account,
                "admin",
                List.of("default", "payments", "storefront"),
                null,
                Set.of("nodes", "launch", "audit", "users", "images"),
                List.of(
                        List.of(
                                new Frame.Entry("Fleet", "/", "fleet", "f", true),
                                new Frame.Entry("Workloads", "/workloads", "workloads", "w", false),
                                new Frame.Entry("Launch", "/launch", "launch", "l", false)),
                        List.of(new Frame.Entry("Images", "/images", "images", "i", false)),
                        List.of(
                                new Frame.Entry("Audit", "/audit", "audit", "a", false),
                                new Frame.Entry("Teams", "/teams", "users", "t", false))),
                null,
                "csrf-token",
                null,
                "localhost:8080",
                "0.1.0");
    }
}
