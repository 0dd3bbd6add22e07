package io.flotilla.controlplane.ui;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Answers with the {@link Page} that a handler returned. */
@Component
class PageResultHandler implements HandlerResultHandler, Ordered {

    private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);

    private final PageRenderer renderer;

    PageResultHandler(PageRenderer renderer) {
        this.renderer = renderer;
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
        byte[] html = renderer.render(page, exchange).getBytes(StandardCharsets.UTF_8);
        headers.setContentLength(html.length);
        DataBuffer body = response.bufferFactory().wrap(html);
        return response.writeWith(Mono.just(body));
    }
}
