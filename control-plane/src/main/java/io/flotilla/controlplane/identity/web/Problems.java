package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.database.DatabaseAwayException;
import io.flotilla.controlplane.database.DatabaseUnfitException;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.Amounts;
import io.flotilla.protocol.InvalidField;
import java.io.IOException;
import java.util.Collection;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.MethodParameter;
import org.springframework.core.NestedRuntimeException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.MissingRequestValueException;
import org.springframework.web.server.NotAcceptableStatusException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebInputException;
import org.springframework.web.server.UnsupportedMediaTypeStatusException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Tells a caller's mistakes and passing troubles from our own bugs. */
final class Problems {

    private static final String OUT_OF_RANGE = "must be a number within its range";

    private Problems() {}

    /** A {@link ProblemException} if the caller can act on it, else the error itself. */
    static Throwable of(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            Throwable known = known(cause);
            if (known != null) {
                return known;
            }
        }
        return error instanceof ResponseStatusException status ? byStatus(status) : error;
    }

    private static @Nullable Throwable known(Throwable cause) {
        return switch (cause) {
            case ProblemException problem -> problem;
            case InvalidField invalid -> ProblemException.invalid(invalid.field(), invalid.detail());
            case InputCoercionException number
            when !path(number).isEmpty() -> ProblemException.invalid(path(number), OUT_OF_RANGE);
            case StreamReadException unreadable ->
                ProblemException.malformed("the body is not valid JSON: " + firstLine(unreadable));
            case DatabindException mismatch -> databind(mismatch);
            case DataBufferLimitException large -> ProblemException.tooLarge(tooLarge(large));
            case IOException full
            when String.valueOf(full.getMessage()).contains("No space left on device") ->
                ProblemException.unavailable("the control plane's disk is full");
            case DatabaseUnfitException unfit -> ProblemException.databaseUnfit(sentence(unfit));
            case DatabaseAwayException ignored -> ProblemException.databaseAway();
            // Without a connection; a transaction begun on a wrong thread is a bug of ours.
            case CannotCreateTransactionException failed ->
                failed.getCause() instanceof UnsupportedOperationException ? null : noConnection(failed);
            case DataAccessResourceFailureException failed -> noConnection(failed);
            // A connection that broke cannot be rolled back either: what broke it says more than the failed rollback.
            case TransactionSystemException rollback
            when rollback.getApplicationException() != null -> of(rollback.getApplicationException());
            case Throwable failed when DatabaseAwayException.cutOff(failed) -> ProblemException.databaseAway();
            case Throwable failed when DatabaseAwayException.diskFull(failed) -> diskFull();
            default -> null;
        };
    }

    private static Throwable noConnection(NestedRuntimeException failed) {
        Throwable root = failed.getMostSpecificCause();
        if (DatabaseAwayException.diskFull(root)) {
            return diskFull();
        }
        return root instanceof DatabaseUnfitException ? of(root) : ProblemException.databaseAway();
    }

    private static ProblemException diskFull() {
        return ProblemException.unavailable("the database's disk is full: make room on it, then try again");
    }

    /** Spring tells the limit in the message only, as in "... max bytes to buffer : 1048576". */
    private static String tooLarge(Exception large) {
        Matcher limit = Pattern.compile(": (\\d+)$").matcher(String.valueOf(large.getMessage()));
        return "the body is larger than "
                + (limit.find() ? "the " + Amounts.bytes(Long.parseLong(limit.group(1))) + " that are" : "what is")
                + " accepted here";
    }

    private static Throwable databind(DatabindException mismatch) {
        Throwable cause = mismatch.getCause();
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof InvalidField || inner instanceof ProblemException) {
                return of(inner);
            }
        }
        String field = path(mismatch);
        String detail = cause instanceof IllegalArgumentException ? sentence(cause) : expectation(mismatch);
        return field.isEmpty()
                ? ProblemException.malformed("the body " + detail)
                : ProblemException.invalid(field, detail);
    }

    private static String expectation(DatabindException mismatch) {
        Class<?> wanted = mismatch instanceof MismatchedInputException input ? input.getTargetType() : null;
        return wanted == null ? "could not be read: " + firstLine(mismatch) : expectation(wanted);
    }

    private static String expectation(@Nullable Class<?> wanted) {
        if (wanted == null) {
            return "could not be read";
        }
        if (wanted == String.class) {
            return "must be a string";
        }
        if (wanted == UUID.class) {
            return "must be a UUID";
        }
        if (wanted == Boolean.class || wanted == boolean.class) {
            return "must be true or false";
        }
        if (Number.class.isAssignableFrom(wanted) || wanted.isPrimitive()) {
            return OUT_OF_RANGE;
        }
        if (wanted.isEnum()) {
            return "must be one of the known words";
        }
        return Collection.class.isAssignableFrom(wanted) || wanted.isArray() ? "must be a list" : "must be an object";
    }

    /** {@code resources.cpu}, {@code ports[0].host}. */
    static String path(JacksonException error) {
        return error.getPath().stream()
                .map(step ->
                        step.getPropertyName() == null ? "[" + step.getIndex() + "]" : "." + step.getPropertyName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    private static String firstLine(JacksonException error) {
        return error.getOriginalMessage() == null
                ? "it could not be read"
                : error.getOriginalMessage().lines().findFirst().orElse("").replaceFirst(" \\(start marker.*", "");
    }

    private static String sentence(Throwable error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    private static Throwable byStatus(ResponseStatusException error) {
        return switch (error) {
            case MethodNotAllowedException method ->
                ProblemException.of(Problem.METHOD, method.getHttpMethod() + " is not known here");
            case NotAcceptableStatusException ignored ->
                ProblemException.of(Problem.NOT_ACCEPTABLE, Problem.NOT_ACCEPTABLE.title());
            case UnsupportedMediaTypeStatusException media -> ProblemException.of(Problem.MEDIA_TYPE, mediaType(media));
            case MissingRequestValueException missing -> ProblemException.invalid(missing.getName(), "is required");
            case ServerWebInputException input -> input(input);
            default ->
                switch (error.getStatusCode().value()) {
                    case 404 -> ProblemException.of(Problem.NOT_FOUND, "there is nothing at this address");
                    case 413 -> ProblemException.tooLarge(tooLarge(error));
                    default -> error;
                };
        };
    }

    private static String mediaType(UnsupportedMediaTypeStatusException error) {
        return "Content-Type \"" + error.getContentType() + "\" is not read here; send "
                + error.getSupportedMediaTypes().stream()
                        .map(String::valueOf)
                        .findFirst()
                        .orElse("application/json");
    }

    private static ProblemException input(ServerWebInputException error) {
        MethodParameter parameter = error.getMethodParameter();
        if (error.getCause() instanceof TypeMismatchException mismatch && parameter != null) {
            return ProblemException.invalid(
                    String.valueOf(parameter.getParameterName()),
                    "\"" + mismatch.getValue() + "\" " + expectation(mismatch.getRequiredType()));
        }
        String reason = error.getReason();
        if ("No request body".equals(reason)) {
            return ProblemException.malformed("the body is empty; it must be an object in JSON");
        }
        return ProblemException.malformed(reason == null ? Problem.INVALID.title() : reason);
    }
}
