package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.problem.ProblemException;
import org.springframework.web.server.ServerWebExchange;

/** Draws the page that a person sees instead of what they asked for. */
public interface ErrorPage {

    /** The whole HTML document. Must need neither the database nor a signed-in user. */
    String html(ProblemException problem, ServerWebExchange exchange);
}
