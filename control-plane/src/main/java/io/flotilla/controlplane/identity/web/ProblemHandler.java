package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.util.HtmlUtils;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Answers with what went wrong: a problem detail for programs, a page for people. */
@Component
@Order(-2)
class ProblemHandler implements WebExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

    private final JsonMapper mapper;
    private final ObjectProvider<ErrorPage> pages;

    ProblemHandler(JsonMapper mapper, ObjectProvider<ErrorPage> pages) {
        this.mapper = mapper;
        this.pages = pages;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(error);
        }
        ProblemException problem =
                Problems.of(error) instanceof ProblemException known ? known : unexpected(exchange, error);
        response.setStatusCode(HttpStatusCode.valueOf(problem.problem().status()));
        if (problem.problem() == Problem.UNAUTHENTICATED) {
            response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        boolean page = new RequestFacts(exchange.getRequest()).page();
        response.getHeaders()
                .setContentType(
                        page
                                ? new MediaType("text", "html", StandardCharsets.UTF_8)
                                : MediaType.APPLICATION_PROBLEM_JSON);
        byte[] body = page
                ? html(exchange, problem).getBytes(StandardCharsets.UTF_8)
                : mapper.writeValueAsBytes(ProblemBody.of(problem));
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }

    /** What failed stays in the log; the caller gets a number to ask about. */
    private static ProblemException unexpected(ServerWebExchange exchange, Throwable error) {
        String number = UUID.randomUUID().toString().substring(0, 8);
        LOG.error(
                "{} {} failed, error {}",
                exchange.getRequest().getMethod(),
                exchange.getRequest().getPath().value(),
                number,
                error);
        return ProblemException.of(
                Problem.INTERNAL, "this should not have happened; the log speaks of it as error " + number);
    }

    private String html(ServerWebExchange exchange, ProblemException problem) {
        ErrorPage drawn = pages.getIfAvailable();
        if (drawn != null) {
            try {
                return drawn.html(problem, exchange);
            } catch (RuntimeException e) {
                LOG.error("the error page could not be drawn", e);
            }
        }
        return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>%s</title><h1>%s</h1><p>%s</p></html>"
                .formatted(
                        HtmlUtils.htmlEscape(problem.problem().title()),
                        HtmlUtils.htmlEscape(problem.problem().title()),
                        HtmlUtils.htmlEscape(problem.detail()));
    }
}
