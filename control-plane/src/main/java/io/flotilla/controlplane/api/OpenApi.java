package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.FieldError;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.RequestMappingInfo;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/**
 * The description of the API (OpenAPI 3.1), read from the handlers themselves, so that it cannot differ from what is
 * served.
 */
final class OpenApi {

    /** A problem detail (RFC 9457) as every error is answered. */
    record Problem(
            String type,
            String title,
            int status,
            String detail,
            @Nullable String field,
            @Nullable List<FieldError> errors) {}

    private static final String PREFIX = "/api/v1/";

    private final JsonSchemas schemas = new JsonSchemas();
    private final Map<String, Map<String, Object>> paths = new TreeMap<>();

    private OpenApi() {}

    static Map<String, Object> of(
            List<RequestMappingHandlerMapping> methods, List<AbstractUrlHandlerMapping> urls, String server) {
        OpenApi api = new OpenApi();
        for (RequestMappingHandlerMapping mapping : methods) {
            mapping.getHandlerMethods().forEach(api::add);
        }
        for (AbstractUrlHandlerMapping mapping : urls) {
            mapping.getHandlerMap().keySet().forEach(pattern -> api.addWebSocket(pattern.getPatternString()));
        }
        return api.document(server);
    }

    private Map<String, Object> document(String server) {
        Object problem = schemas.of(Problem.class);
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("description", "a problem detail (RFC 9457); \"field\" names the value to blame");
        error.put("content", Map.of("application/problem+json", Map.of("schema", problem)));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put("info", Map.of("title", "Flotilla", "version", "v1"));
        document.put("servers", List.of(Map.of("url", server)));
        document.put("security", List.of(Map.of("token", List.of())));
        document.put("paths", paths);
        document.put(
                "components",
                Map.of(
                        "schemas", schemas.named(),
                        "responses", Map.of("Problem", error),
                        "securitySchemes", Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
        return document;
    }

    private void add(RequestMappingInfo info, HandlerMethod handler) {
        info.getPatternsCondition().getPatterns().forEach(parsed -> {
            String pattern = parsed.getPatternString();
            if (pattern.startsWith(PREFIX)) {
                for (RequestMethod method : info.getMethodsCondition().getMethods()) {
                    path(pattern).put(method.name().toLowerCase(Locale.ROOT), operation(pattern, handler));
                }
            }
        });
    }

    private void addWebSocket(String pattern) {
        if (pattern.startsWith(PREFIX)) {
            Map<String, Object> operation = new LinkedHashMap<>();
            operation.put("tags", List.of(tag(pattern)));
            operation.put("description", "a WebSocket");
            operation.put("parameters", variables(pattern));
            operation.put(
                    "responses", Map.of("101", Map.of("description", "the WebSocket is open"), "default", error()));
            path(pattern).put("get", operation);
        }
    }

    private Map<String, Object> path(String pattern) {
        return paths.computeIfAbsent(pattern, ignored -> new TreeMap<>());
    }

    private static List<Map<String, Object>> variables(String pattern) {
        List<Map<String, Object>> found = new ArrayList<>();
        for (String part : List.of(pattern.split("/", -1))) {
            if (part.startsWith("{") && part.endsWith("}")) {
                found.add(Map.of(
                        "name",
                        part.substring(1, part.length() - 1),
                        "in",
                        "path",
                        "required",
                        true,
                        "schema",
                        Map.of("type", "string")));
            }
        }
        return found;
    }

    private Map<String, Object> operation(String pattern, HandlerMethod handler) {
        Map<String, Object> operation = new LinkedHashMap<>();
        String owner = handler.getBeanType().getSimpleName();
        operation.put("operationId", owner + "." + handler.getMethod().getName());
        operation.put("tags", List.of(tag(pattern)));
        List<Object> parameters = new ArrayList<>();
        for (Parameter parameter : handler.getMethod().getParameters()) {
            parameter(operation, parameters, parameter);
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        operation.put("responses", responses(handler));
        return operation;
    }

    private void parameter(Map<String, Object> operation, List<Object> parameters, Parameter parameter) {
        if (parameter.getType() == Actor.class) {
            return;
        }
        if (parameter.isAnnotationPresent(RequestBody.class)) {
            Map<String, Object> json = Map.of("schema", schemas.of(parameter.getParameterizedType()));
            operation.put("requestBody", Map.of("required", true, "content", Map.of("application/json", json)));
            return;
        }
        PathVariable variable = parameter.getAnnotation(PathVariable.class);
        RequestParam param = parameter.getAnnotation(RequestParam.class);
        if (variable != null) {
            String name = variable.value().isEmpty() ? parameter.getName() : variable.value();
            parameters.add(described(name, "path", true, parameter));
        } else if (param != null && !MultiValueMap.class.isAssignableFrom(parameter.getType())) {
            String name = param.value().isEmpty() ? parameter.getName() : param.value();
            boolean required = param.required()
                    && param.defaultValue().equals(org.springframework.web.bind.annotation.ValueConstants.DEFAULT_NONE)
                    && !JsonSchemas.nullable(parameter.getAnnotatedType());
            parameters.add(described(name, "query", required, parameter));
        }
    }

    private Map<String, Object> described(String name, String place, boolean required, Parameter parameter) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("name", name);
        described.put("in", place);
        described.put("required", required);
        described.put("schema", schemas.of(parameter.getParameterizedType()));
        return described;
    }

    private Map<String, Object> responses(HandlerMethod handler) {
        ResponseStatus status = AnnotatedElementUtils.findMergedAnnotation(handler.getMethod(), ResponseStatus.class);
        HttpStatus code = status == null ? HttpStatus.OK : status.code();
        Map<String, Object> fine = new LinkedHashMap<>();
        fine.put("description", code.getReasonPhrase());
        Type type = unwrapped(handler.getMethod().getGenericReturnType());
        if (type != void.class && type != Void.class) {
            fine.put("content", Map.of("application/json", Map.of("schema", schemas.of(type))));
        }
        Map<String, Object> responses = new LinkedHashMap<>();
        responses.put(Integer.toString(code.value()), fine);
        responses.put("default", error());
        return responses;
    }

    private static Type unwrapped(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            boolean wrapper = raw == ResponseEntity.class || raw.getName().startsWith("reactor.core.publisher.");
            return wrapper ? unwrapped(generic.getActualTypeArguments()[0]) : type;
        }
        return type;
    }

    private static Map<String, Object> error() {
        return Map.of("$ref", "#/components/responses/Problem");
    }

    private static String tag(String pattern) {
        String rest = pattern.substring(PREFIX.length());
        int slash = rest.indexOf('/');
        return slash < 0 ? rest : rest.substring(0, slash);
    }
}
