package io.flotilla.controlplane.ui.page;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * What a page handler answers: a template and its model, or another address. A page is a value, so the same one serves
 * the full load, the live stream and the tests.
 */
public final class Page {

    /** More rows than any list shows at once; filters narrow it. */
    public static final int MOST = 1000;

    private final String template;
    private final Map<String, Object> model = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private HttpStatus status = HttpStatus.OK;

    private Page(String template) {
        this.template = template;
    }

    /** The template of this name below {@code templates/pages}. */
    public static Page of(String template) {
        return new Page("pages/" + template);
    }

    /** Sends the browser on with 303, so that a reload does not post again. */
    public static Page redirect(String address) {
        return new Page("").status(HttpStatus.SEE_OTHER).header("Location", address);
    }

    public Page with(String name, @Nullable Object value) {
        if (value != null) {
            model.put(name, value);
        }
        return this;
    }

    public Page status(HttpStatus value) {
        status = value;
        return this;
    }

    public Page header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    String template() {
        return template;
    }

    Map<String, Object> model() {
        return model;
    }

    Map<String, String> headers() {
        return headers;
    }

    HttpStatus status() {
        return status;
    }

    boolean hasBody() {
        return !template.isEmpty();
    }
}
