package io.flotilla.controlplane.ui.page;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Answers with the {@link Page} that a handler returned. */
@Component
class PageResultHandler implements HandlerResultHandler, Ordered {

    private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);

    private final PageRenderer renderer;
    private final Scheduler blocking;

    PageResultHandler(PageRenderer renderer, Scheduler blocking) {
        this.renderer = renderer;
        this.blocking = blocking;
    }

    /** Before Spring's handlers for bodies and view names, which accept any return type. */
    @Override
    public int getOrder() {
        return -10;
    }

    @Override
    public boolean supports(HandlerResult result) {
        return Page.class.isAssignableFrom(result.getReturnType().toClass());
    }

    @Override
    public Mono<Void> handleResult(ServerWebExchange exchange, HandlerResult result) {
        return write(exchange, (Page) Objects.requireNonNull(result.getReturnValue()));
    }

    Mono<Void> write(ServerWebExchange exchange, Page page) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(page.status());
        HttpHeaders headers = response.getHeaders();
        page.headers().forEach(headers::set);
        headers.setCacheControl(CacheControl.noStore());
        headers.setVary(List.of("Accept", "Cookie"));
        if (!page.hasBody()) {
            return response.setComplete();
        }
        headers.setContentType(HTML);
        return Mono.fromCallable(() -> renderer.render(page, exchange).getBytes(StandardCharsets.UTF_8))
                .subscribeOn(blocking)
                .flatMap(html -> {
                    headers.setContentLength(html.length);
                    return response.writeWith(Mono.just(response.bufferFactory().wrap(html)));
                });
    }
}
