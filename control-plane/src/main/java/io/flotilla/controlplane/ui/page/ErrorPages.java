package io.flotilla.controlplane.ui.page;

import io.flotilla.controlplane.identity.web.ErrorPage;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.words.Sentences;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;

/**
 * Errors as pages: why, and one thing to do next. A form that was refused is shown again with its values; it travels
 * with the exception, because a refusal must reach the audit log on its way.
 */
@Component
public class ErrorPages implements ErrorPage {

    private static final String FORM = ErrorPages.class.getName() + ".form";

    private final PageRenderer renderer;

    ErrorPages(PageRenderer renderer) {
        this.renderer = renderer;
    }

    /** To be thrown: refuses the request and shows the form again with status 422, or the page's own error status. */
    public static ProblemException again(ServerWebExchange exchange, Page form, ProblemException refusal) {
        exchange.getAttributes().put(FORM, form);
        return refusal;
    }

    @Override
    public String html(ProblemException problem, ServerWebExchange exchange) {
        Page form = exchange.getAttribute(FORM);
        if (form != null) {
            HttpStatus status = form.status() == HttpStatus.OK ? HttpStatus.UNPROCESSABLE_CONTENT : form.status();
            exchange.getResponse().setStatusCode(status);
            return renderer.render(form, exchange);
        }
        return renderer.render(page(problem), exchange);
    }

    private static Page page(ProblemException e) {
        return switch (e.problem()) {
            case NOT_FOUND ->
                page(
                        "info",
                        "Nothing is here",
                        "The address is wrong, the thing is gone, or it belongs to a team that you are not in.");
            case FORBIDDEN ->
                page(
                        "warn",
                        "Your role does not allow this",
                        Sentences.of(e.detail()) + " An admin can grant a role or add you to a team.");
            case UNAVAILABLE, DATABASE_AWAY, DATABASE_UNFIT ->
                page(
                                "stale",
                                e.problem().title(),
                                Sentences.of(e.detail())
                                        + " Containers keep running and nodes keep what they were told.")
                        .with("nextWord", "Try again");
            case INTERNAL ->
                page("fail", Problem.INTERNAL.title(), Sentences.of(e.detail()) + " Containers are not touched.");
            case UNAUTHENTICATED ->
                page("warn", e.problem().title(), e.detail()).with("next", "/login");
            case INVALID, METHOD, NOT_ACCEPTABLE, CONFLICT, TOO_LARGE, MEDIA_TYPE, QUOTA, TOO_MANY ->
                page("fail", e.problem().title(), e.detail());
        };
    }

    private static Page page(String tone, String heading, String why) {
        return Page.of("problem")
                .with("tone", tone)
                .with("heading", heading)
                .with("why", Sentences.of(why))
                .with("next", "/")
                .with("nextWord", "To the fleet");
    }
}
